import temml from "temml";
import type { Formula } from "./formulas.ts";

export { default as css } from "./maths.css";
export { formulas } from "./formulas.ts";

/** Draws a formula as MathML, for which `css` is needed; one that is not TeX is shown as it was written, with the reason as its tooltip. */
export function draw({ tex, display }: Formula, element: HTMLElement): void {
  element.classList.add(display ? "stagedoor-formula" : "stagedoor-inline-formula");
  // Not Temml's `render`, which refuses pages without a doctype.
  try {
    element.innerHTML = temml.renderToString(tex, { displayMode: display, throwOnError: true, maxExpand: 1000 });
  } catch (error) {
    element.classList.add("stagedoor-wrong-formula");
    element.title = String(error);
    element.textContent = tex;
  }
}
