import temml from "temml";
import type { Stage } from "../stage.ts";
import type { Formula } from "./formulas.ts";
import css from "./maths.css";

/** Draws a formula as MathML; one that is not TeX is shown as it is, in the colour of errors. */
export function draw({ tex, display }: Formula, element: HTMLElement, stage: Stage): void {
  stage.style(css);
  element.classList.add(display ? "stagedoor-formula" : "stagedoor-inline-formula");
  // Not Temml's `render`, which refuses pages without a doctype.
  element.innerHTML = temml.renderToString(tex, { displayMode: display, throwOnError: false, maxExpand: 1000 });
}
