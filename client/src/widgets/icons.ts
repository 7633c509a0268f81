import type { Icon } from "stagedoor-icons";

/**
 * Font Awesome icons, as ipywidgets marks them: `<i class="fa fa-play">`. An icon is put into such an element as SVG; the shelf of
 * icons that it lies on is loaded by the first of them.
 */

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
  const { common, shelves } = await import("stagedoor-icons");
  const place = [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0) % shelves.length;
  return common[name] ?? (await shelves[place]()).default[name];
}
