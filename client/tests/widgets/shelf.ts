/** In place of the build's icons: one that is common, and one that lies on a shelf. */
export const common = { check: [512, 512, "M0 0"] };
export const shelves = [() => Promise.resolve({ default: { rocket: [512, 512, "M1 1"] } })];
