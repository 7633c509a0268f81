import sheet from "./outputs.css";

/** The sixteen colours of terminals on light and on dark ground: each at least 4.5:1 (WCAG 2.2, 1.4.3) on white and on #1b1b1f. */
const ANSI: readonly (readonly [name: string, light: string, dark: string])[] = [
  ["black", "#1f2328", "#8b949e"],
  ["red", "#b42318", "#ff8b80"],
  ["green", "#1a6e2e", "#6fce7f"],
  ["yellow", "#855700", "#e3b341"],
  ["blue", "#0b57d0", "#82b1ff"],
  ["magenta", "#8e24aa", "#e29bf5"],
  ["cyan", "#00677d", "#5fd1e0"],
  ["white", "#59636e", "#d0d7de"],
  ["bright-black", "#59636e", "#a8b1bb"],
  ["bright-red", "#c62828", "#ffa198"],
  ["bright-green", "#1b7a33", "#8fe29b"],
  ["bright-yellow", "#8a6100", "#f2cc60"],
  ["bright-blue", "#1f5fe0", "#a5c8ff"],
  ["bright-magenta", "#a33bc2", "#f0b6ff"],
  ["bright-cyan", "#00718a", "#86e1ee"],
  ["bright-white", "#3b424a", "#ffffff"],
];

const COLOURS = [
  ...ANSI.map(([name, light, dark], index) => [`ansi-${index}`, `ansi-${name}`, light, dark]),
  ["error", "error", "#b3261e", "#ff8b80"],
];

/** A page sets `--stagedoor-…`, we use `--_…`. */
function colours(choose: (light: string, dark: string) => string): string {
  const all = COLOURS.map(([own, name, light, dark]) => `--_${own}:var(--stagedoor-${name},${choose(light, dark)})`);
  return `.stagedoor-outputs{${all.join(";")}}`;
}

/** The style sheet of the core. Colours follow the page's `color-scheme`: a page that declares none is light, whatever the visitor's system prefers. */
export const css = `${colours((light) => light)}
@supports (color:light-dark(#000,#fff)){${colours((light, dark) => `light-dark(${light},${dark})`)}}
${sheet}`;
