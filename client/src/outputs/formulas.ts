/** A formula in a text: its TeX, and whether it stands on a line of its own. */
export interface Formula {
  tex: string;
  display: boolean;
}

const ENVIRONMENT =
  "(?:equation|align|alignat|gather|multline|eqnarray|split|cases|[bpvBV]?matrix|array|CD|aligned|gathered)";

/**
 * How a formula begins and ends, as MathJax in a notebook has it; a dollar that has a space inside, or a digit after it, is money
 * (Pandoc's rule for `tex_math_dollars`).
 */
const FORMULA = new RegExp(
  [
    String.raw`\$\$(?<a>(?:\\[^]|[^$\\])+?)\$\$`,
    String.raw`\\\[(?<b>[^]+?)\\\]`,
    String.raw`\\\((?<c>[^]+?)\\\)`,
    String.raw`(?<d>\\begin\{(?<name>${ENVIRONMENT}\*?)\}[^]*?\\end\{\k<name>\})`,
    String.raw`\$(?<e>(?![\s$])(?:\\[^]|[^$\\${"`"}])*?(?<!\s))\$(?!\d)`,
  ].join("|"),
  "g",
);

/** The formulas of a text, and where they are. */
export function formulas(text: string): { start: number; end: number; formula: Formula }[] {
  return [...text.matchAll(FORMULA)].map(({ 0: whole, index, groups }) => {
    const { a, b, c, d, e } = groups!;
    return { start: index, end: index + whole.length, formula: { tex: a ?? b ?? c ?? d ?? e, display: !(c ?? e) } };
  });
}

/** The formula at the beginning of the text. */
export function formulaAt(text: string): { raw: string; formula: Formula } | undefined {
  const pattern = new RegExp(FORMULA.source, "y");
  const match = pattern.exec(text);
  return match ? { raw: match[0], formula: formulas(match[0])[0].formula } : undefined;
}
