import css from "../outputs/maths.css";
import { draw, formulas } from "../outputs/maths.ts";
import type { Stage } from "../stage.ts";

/** Where a dollar is not TeX: what has been typeset already, code, and what is not shown. */
const ELSEWHERE = "math, code, pre, script, style, textarea";

/** Replaces the TeX in the texts of the element by formulas. */
export function typeset(element: HTMLElement, stage: Stage): void {
  stage.style(css);
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  texts.filter((text) => !text.parentElement?.closest(ELSEWHERE)).forEach(replace);
}

function replace(text: Text): void {
  const found = formulas(text.data);
  if (!found.length) return;
  const parts: (string | Element)[] = [];
  let from = 0;
  for (const { start, end, formula } of found) {
    const place = document.createElement("span");
    draw(formula, place);
    parts.push(text.data.slice(from, start), place);
    from = end;
  }
  text.replaceWith(...parts, text.data.slice(from));
}
