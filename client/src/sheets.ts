/** Style sheets in the roots (document, shadow roots) that show anything of ours; gone from a root when its last element is. */
import { home } from "./home.ts";

type Root = Document | ShadowRoot;

interface Wardrobe {
  elements: number;
  /** What takes a sheet away again, by its text. */
  sheets: Map<string, () => void>;
}

const wardrobes = new WeakMap<Root, Wardrobe>();

/** An element has come into the root. */
export function enter(root: Root): void {
  const wardrobe = wardrobes.get(root);
  if (wardrobe) wardrobe.elements += 1;
  else wardrobes.set(root, { elements: 1, sheets: new Map() });
}

/** An element has left the root. */
export function leave(root: Root): void {
  const wardrobe = wardrobes.get(root);
  if (!wardrobe || --wardrobe.elements > 0) return;
  for (const remove of wardrobe.sheets.values()) remove();
  wardrobes.delete(root);
}

/** Puts the sheet into the root, once for a text. Addresses of files in it (`stagedoor:/…`) lead to where our code comes from. */
export function wear(root: Root, css: string): void {
  const sheets = wardrobes.get(root)?.sheets;
  if (sheets && !sheets.has(css)) sheets.set(css, add(root, css.replaceAll("stagedoor:/", home.href)));
}

function add(root: Root, css: string): () => void {
  try {
    // A constructed sheet belongs to the document whose window has constructed it.
    const sheet = new ((root.ownerDocument ?? (root as Document)).defaultView ?? window).CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return () => {
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet);
    };
  } catch {
    const style = document.createElement("style");
    style.textContent = css;
    (root instanceof Document ? root.head : root).append(style);
    return () => style.remove();
  }
}
