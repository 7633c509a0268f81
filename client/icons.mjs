// Font Awesome's icons, which ipywidgets names, cut into shelves that the browser loads when it needs one of their icons:
// `stagedoor-icons/common`, and `stagedoor-icons/a` ... `z`, `0` by the first letter of an icon's name.
import { createRequire } from "node:module";
import { fas } from "@fortawesome/free-solid-svg-icons";

/** What the core widgets show by themselves, and what apps ask for most. */
const COMMON =
  "play pause stop retweet check times upload download refresh save search plus minus cog home info question exclamation trash undo redo " +
  "edit pencil eye filter repeat step-forward step-backward fast-forward fast-backward forward backward random bolt send copy share " +
  "arrow-left arrow-right arrow-up arrow-down chevron-left chevron-right chevron-up chevron-down caret-down caret-right " +
  "bar-chart line-chart table list bars calculator camera user calendar star heart lock power-off warning spinner folder file";

/** Font Awesome's icons by each of their names: 5's and most of 4's live on as aliases. */
const icons = new Map();
for (const { iconName, icon } of Object.values(fas)) {
  const aliases = icon[2].filter((alias) => typeof alias === "string");
  for (const name of [iconName, ...aliases]) icons.set(name, { iconName, icon });
}
const common = new Set(COMMON.split(" "));

/** The icons of one shelf by name: [width, height, path], or the name under which the icon stands there already. */
export function shelf(name) {
  const here = (icon) => (common.has(icon) ? name === "common" : (/^[a-z]/.exec(icon)?.[0] ?? "0") === name);
  const names = [...icons.keys()].filter(here);
  const first = (iconName) => names.find((other) => icons.get(other).iconName === iconName);
  return Object.fromEntries(
    names.map((name) => {
      const { iconName, icon } = icons.get(name);
      const [width, height, , , path] = icon;
      return [name, first(iconName) === name ? [width, height, path] : first(iconName)];
    }),
  );
}

/** esbuild: makes the shelves. Their path is the package's, so that its licence is listed. */
export const iconShelves = {
  name: "icon-shelves",
  setup(host) {
    const file = createRequire(import.meta.url).resolve("@fortawesome/free-solid-svg-icons");
    host.onResolve({ filter: /^stagedoor-icons\// }, ({ path }) => ({
      path: file,
      suffix: `?${path.slice("stagedoor-icons/".length)}`,
      namespace: "file",
    }));
    host.onLoad({ filter: /free-solid-svg-icons/ }, ({ suffix }) =>
      suffix ? { contents: JSON.stringify(shelf(suffix.slice(1))), loader: "json" } : undefined,
    );
  },
};
