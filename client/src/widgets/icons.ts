/**
 * Font Awesome icons, as ipywidgets marks them: `<i class="fa fa-play">`. An icon is put into such an element as SVG; the shelf of
 * icons that it stands on is loaded by the first of them.
 */

/** Width, height, path. */
type Icon = readonly [number, number, string];
/** An icon, or the name of its place on the same shelf. */
type Shelf = Readonly<Record<string, Icon | string>>;

const shelves: Record<string, () => Promise<{ default: Shelf }>> = {
  common: () => import("stagedoor-icons/common"),
  "0": () => import("stagedoor-icons/0"),
  a: () => import("stagedoor-icons/a"),
  b: () => import("stagedoor-icons/b"),
  c: () => import("stagedoor-icons/c"),
  d: () => import("stagedoor-icons/d"),
  e: () => import("stagedoor-icons/e"),
  f: () => import("stagedoor-icons/f"),
  g: () => import("stagedoor-icons/g"),
  h: () => import("stagedoor-icons/h"),
  i: () => import("stagedoor-icons/i"),
  j: () => import("stagedoor-icons/j"),
  k: () => import("stagedoor-icons/k"),
  l: () => import("stagedoor-icons/l"),
  m: () => import("stagedoor-icons/m"),
  n: () => import("stagedoor-icons/n"),
  o: () => import("stagedoor-icons/o"),
  p: () => import("stagedoor-icons/p"),
  q: () => import("stagedoor-icons/q"),
  r: () => import("stagedoor-icons/r"),
  s: () => import("stagedoor-icons/s"),
  t: () => import("stagedoor-icons/t"),
  u: () => import("stagedoor-icons/u"),
  v: () => import("stagedoor-icons/v"),
  w: () => import("stagedoor-icons/w"),
  x: () => import("stagedoor-icons/x"),
  y: () => import("stagedoor-icons/y"),
  z: () => import("stagedoor-icons/z"),
};

const SVG = "http://www.w3.org/2000/svg";
const ICONS = "i[class*='fa-'], span[class*='fa-']";
/** Classes that say how an icon looks, not which it is. */
const MODIFIER =
  /^(?:fw|spin|pulse|lg|xs|sm|\dx|10x|border|inverse|li|ul|solid|regular|rotate-.*|flip-.*|pull-.*|stack.*)$/;

/** Keeps the icons under this element drawn, now and when they change, until the function returned is called. */
export function watchIcons(root: HTMLElement): () => void {
  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes)
      for (const node of type === "attributes" ? [target] : addedNodes) if (node instanceof Element) drawAll(node);
  });
  observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
  drawAll(root);
  return () => observer.disconnect();
}

function drawAll(root: Element): void {
  if (root.matches(ICONS)) void draw(root);
  for (const element of root.querySelectorAll(ICONS)) void draw(element);
}

async function draw(element: Element): Promise<void> {
  const name = iconName(element);
  if (!name || element.firstElementChild?.getAttribute("data-icon") === name) return;
  const icon = await find(name).catch(() => undefined);
  if (!icon || iconName(element) !== name) return;
  const [width, height, path] = icon;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("data-icon", name);
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  svg.firstElementChild!.setAttribute("d", path);
  element.replaceChildren(svg);
}

function iconName(element: Element): string | undefined {
  const names = [...element.classList].filter((name) => name.startsWith("fa-")).map((name) => name.slice(3));
  return names.find((name) => !MODIFIER.test(name));
}

async function find(name: string): Promise<Icon | undefined> {
  const letter = /^[a-z]/.exec(name)?.[0] ?? "0";
  const plain = name.replace(/-o$/, ""); // Font Awesome 4's outlined ones
  for (const load of [shelves.common, shelves[letter]]) {
    const shelf = (await load()).default;
    const found = shelf[name] ?? shelf[plain];
    if (found) return typeof found === "string" ? (shelf[found] as Icon) : found;
  }
  return undefined;
}
