import type { Stage } from "../stage.ts";

/** What may begin a formula; most labels have none of it, and load nothing. */
const FORMULA = /\$|\\[[(]|\\begin\{/;

/** Typesets the formulas in an element of the page, with code that the first formula loads. */
export function typesetter(stage: Stage): { typeset(element: HTMLElement): void } {
  return {
    typeset(element) {
      if (!FORMULA.test(element.textContent)) return;
      import("./formulas.ts").then(
        ({ typeset }) => typeset(element, stage),
        (error: unknown) => stage.report("chunk_failed", "The code for formulas did not load.", error),
      );
    },
  };
}
