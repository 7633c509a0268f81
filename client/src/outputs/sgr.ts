/** The colours and marks that `ESC [ ... m` sets (ECMA-48 "SGR", with xterm's 256 and true colours), as CSS declarations. */
export class Pen {
  /** The CSS declarations for what is written now; empty for plain text. */
  style = "";
  #foreground = "";
  #background = "";
  #marks = new Set<number>();

  /** Applies the parameters of one sequence, e.g. `1;31` or `38;5;208`. */
  apply(parameters: string): void {
    const codes = parameters.split(/[;:]/).map(Number);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code === 0) {
        this.#foreground = this.#background = "";
        this.#marks.clear();
      } else if (code === 38 || code === 48) {
        const [colour, used] = extended(codes.slice(i + 1));
        if (code === 38) this.#foreground = colour;
        else this.#background = colour;
        i += used;
      } else if (code < 10) this.#marks.add(code);
      else if (code === 22) [1, 2].forEach((mark) => this.#marks.delete(mark));
      else if (code > 22 && code < 30) this.#marks.delete(code - 20);
      else if (code === 39) this.#foreground = "";
      else if (code === 49) this.#background = "";
      else if (code >= 30 && code < 38) this.#foreground = named(code - 30);
      else if (code >= 40 && code < 48) this.#background = named(code - 40);
      else if (code >= 90 && code < 98) this.#foreground = named(code - 82);
      else if (code >= 100 && code < 108) this.#background = named(code - 92);
    }
    this.style = this.#css();
  }

  #css(): string {
    const has = (mark: number) => this.#marks.has(mark);
    const lines = [has(4) && "underline", has(9) && "line-through"].filter(Boolean).join(" ");
    let css = has(1) ? "font-weight:bold;" : "";
    if (has(2)) css += "opacity:.7;";
    if (has(3)) css += "font-style:italic;";
    if (lines) css += `text-decoration:${lines};`;
    if (has(8)) return css + "visibility:hidden";
    if (has(7)) return `${css}color:Canvas;background:${this.#foreground || "CanvasText"}`;
    if (this.#foreground) css += `color:${this.#foreground};`;
    // A named background is only tinted, so that every named colour stays readable on it.
    if (this.#background.startsWith("var")) css += `background:color-mix(in srgb,${this.#background} 25%,transparent)`;
    else if (this.#background)
      css += `background:${this.#background};${this.#foreground ? "" : onto(this.#background)}`;
    return css;
  }
}

function named(index: number): string {
  return `var(--_ansi-${index})`;
}

/** Black or white text, whichever is read better on this `rgb(...)`. */
function onto(background: string): string {
  const [red, green, blue] = background.match(/\d+/g)!.map(Number);
  return `color:${red * 0.3 + green * 0.59 + blue * 0.11 > 140 ? "#000" : "#fff"}`;
}

/** The colour of `5;n` or `2;r;g;b`, and how many parameters it took. */
function extended(codes: number[]): [colour: string, used: number] {
  const [kind, first = 0, green = 0, blue = 0] = codes;
  if (kind === 2) return [`rgb(${first},${green},${blue})`, 4];
  if (kind !== 5) return ["", 1];
  if (first < 16) return [named(first), 2];
  if (first > 231) return [`rgb(${Array(3).fill(8 + (first - 232) * 10)})`, 2];
  const cube = [36, 6, 1].map((step) => Math.floor((first - 16) / step) % 6).map((n) => (n ? 55 + n * 40 : 0));
  return [`rgb(${cube})`, 2];
}
