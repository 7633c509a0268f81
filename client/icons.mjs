// Font Awesome's icons, which ipywidgets names. The module `stagedoor-icons` holds those that apps ask for most; the others lie on
// shelves that a browser loads when it needs one of their icons.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fas } from "@fortawesome/free-solid-svg-icons";

/** What the core widgets show by themselves, and what apps ask for most. */
const COMMON =
  "play pause stop retweet check times upload download refresh save search plus minus cog home info question exclamation trash undo redo " +
  "edit pencil eye filter repeat step-forward step-backward fast-forward fast-backward forward backward random bolt send copy share " +
  "arrow-left arrow-right arrow-up arrow-down chevron-left chevron-right chevron-up chevron-down caret-down caret-right " +
  "bar-chart line-chart table list bars calculator camera user calendar star heart lock power-off warning spinner folder file";

/** So many that one is a few kB. */
const SHELVES = 64;

/** Icons by each of their names (Font Awesome 5's and most of 4's live on as aliases): [width, height, path]. */
const icons = new Map();
for (const { iconName, icon } of Object.values(fas)) {
  const [width, height, aliases, , path] = icon;
  for (const name of [iconName, ...aliases.filter((alias) => typeof alias === "string")])
    icons.set(name, [width, height, path]);
}

// Font Awesome 4 called some otherwise, and outlined ones `NAME-o`; ipympl and others still do.
const free = new URL("node_modules/@fortawesome/fontawesome-free/", import.meta.url);
const outlined = readdirSync(new URL("svgs/regular/", free)).map((file) => file.slice(0, -".svg".length));
const renamed = readFileSync(new URL("metadata/shims.yml", free), "utf8").matchAll(
  /^(\S+):\n(?: {2}prefix: (\w+)\n)?(?: {2}name: (\S+)\n)?/gm,
);
for (const name of outlined) icons.set(`${name}-o`, drawing("regular", name));
for (const [, former, prefix, name = former] of renamed) {
  if (prefix === "far") icons.set(former, drawing("regular", name));
  else if (!prefix && icons.has(name)) icons.set(former, icons.get(name));
}

function drawing(style, name) {
  const svg = readFileSync(new URL(`svgs/${style}/${name}.svg`, free), "utf8");
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg);
  return [Number(width), Number(height), /<path[^>]* d="([^"]+)"/.exec(svg)[1]];
}

/** On which shelf an icon lies; `src/widgets/icons.ts` looks there. */
const place = (name) => [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0) % SHELVES;

const textOf = (names) => JSON.stringify(Object.fromEntries(names.map((name) => [name, icons.get(name)])));

function contents(shelf) {
  const common = COMMON.split(" ");
  if (shelf) return `export default ${textOf([...icons.keys()].filter((name) => place(name) === Number(shelf)))}`;
  const loaders = Array.from({ length: SHELVES }, (_, index) => `() => import("stagedoor-icons/${index}")`);
  return `export const common = ${textOf(common)}; export const shelves = [${loaders}];`;
}

/** esbuild: makes these modules. Their path is the package's, so that its licence is listed. */
export const iconShelves = {
  name: "icon-shelves",
  setup(host) {
    const file = createRequire(import.meta.url).resolve("@fortawesome/free-solid-svg-icons");
    host.onResolve({ filter: /^stagedoor-icons(\/|$)/ }, ({ path }) => ({
      path: file,
      suffix: `?${path.split("/")[1] ?? ""}`,
      namespace: "file",
    }));
    host.onLoad({ filter: /free-solid-svg-icons/ }, ({ suffix }) =>
      suffix ? { contents: contents(suffix.slice(1)), resolveDir: import.meta.dirname } : undefined,
    );
  },
};
