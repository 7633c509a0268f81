import DOMPurify from "dompurify";
import { Marked, type TokenizerAndRendererExtension } from "marked";
import { type Formula, formulaAt } from "./formulas.ts";
import markdownCss from "./markdown.css";
import type { Context, Rendering } from "./rendering.ts";

/** It is text, so what it says in HTML is cleaned: no scripts, no styles for the page, no forms. */
const FORBIDDEN = ["style", "form", "button", "textarea", "select"];

/** GitHub's Markdown with formulas, whose code is loaded when there is one. */
export function render(value: unknown, context: Context): Rendering {
  const { element, stage } = context;
  stage.style(markdownCss);
  const found: Formula[] = [];
  const html = parser(found).parse(context.text(value), { async: false });
  element.classList.add("stagedoor-markdown");
  element.append(DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, FORBID_TAGS: FORBIDDEN }));
  if (!found.length) return {};
  return { ready: drawFormulas(found, context) };
}

/** After the cleaning, which would take MathML's finer parts away. */
async function drawFormulas(found: Formula[], { element, stage }: Context): Promise<void> {
  const { css, draw } = await import("./maths.ts");
  stage.style(css);
  for (const place of element.querySelectorAll<HTMLElement>("[data-stagedoor-formula]")) {
    const formula = found[Number(place.dataset.stagedoorFormula)];
    if (formula) draw(formula, place);
  }
}

/** Formulas are tokens of their own, so that nothing in them is taken for Markdown and nothing in code for a formula. */
function parser(found: Formula[]): Marked {
  const place = (formula: Formula) => `<span data-stagedoor-formula="${found.push(formula) - 1}"></span>`;
  const extension = (name: string, level: "block" | "inline", begins: RegExp): TokenizerAndRendererExtension => ({
    name,
    level,
    start: (source) => begins.exec(source)?.index,
    tokenizer(source) {
      if (begins.exec(source)?.index !== 0) return undefined;
      const at = formulaAt(source);
      return at && { type: name, raw: at.raw, formula: at.formula };
    },
    renderer: (token) => place(token.formula as Formula),
  });
  return new Marked({
    gfm: true,
    extensions: [
      extension("displayFormula", "block", /\$\$|\\\[|\\begin\{/),
      extension("formula", "inline", /\$|\\\(|\\\[|\\begin\{/),
    ],
  });
}
