import { css, draw, formulas } from "./maths.ts";
import type { Context, Rendering } from "./rendering.ts";

/** Text with formulas in it, as `IPython.display.Latex` and `Math` and SymPy send it. */
export function render(value: unknown, context: Context): Rendering {
  const { element, stage } = context;
  stage.style(css);
  const text = context.text(value);
  let from = 0;
  for (const { start, end, formula } of formulas(text)) {
    const place = document.createElement("span");
    element.append(text.slice(from, start), place);
    draw(formula, place);
    from = end;
  }
  element.append(text.slice(from));
  return {};
}
