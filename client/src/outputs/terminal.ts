import { Pen } from "./sgr.ts";

/** Text in one style. */
export interface Run {
  text: string;
  style: string;
}

/** A line of text; the object stays the same while its runs change. */
export interface Line {
  runs: Run[];
}

/** What a `write` has done: lines gone from the top, and lines whose text is new (new lines among them, in order). */
export interface Change {
  dropped: number;
  changed: Set<Line>;
}

/** How much text is kept: what was written first goes first. */
export const LIMITS = { characters: 400_000, lines: 3_000 };

const TOKEN = /[\n\r\b]|\x1b\[([0-9;:?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^[\]]|[\x00-\x06\x07\x0e\x0f]/g;
const UNFINISHED = /\x1b(?:\[[0-9;:?]*|\][^\x07\x1b]*\x1b?)?$/;

/** Text as a terminal keeps it: lines, a cursor that control characters move, and a pen. */
export class Terminal {
  readonly lines: Line[] = [{ runs: [] }];
  /** True once text has been dropped to keep within `LIMITS`. */
  trimmed = false;
  #row = 0;
  #column = 0;
  #pen = new Pen();
  #rest = "";
  #characters = 0;
  #listeners = new Set<(change: Change) => void>();

  /** Calls `listener` after each write; the function returned ends that. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  write(text: string): void {
    text = this.#rest + text;
    // A sequence may be cut anywhere between two messages; one that goes on for ever is text.
    const cut = UNFINISHED.exec(text)?.index ?? text.length;
    this.#rest = text.length - cut < 1000 ? text.slice(cut) : "";
    text = text.slice(0, cut);
    if (text.length > LIMITS.characters) {
      text = text.slice(-LIMITS.characters);
      this.trimmed = true;
    }
    const changed = new Set<Line>();
    let from = 0;
    for (const token of text.matchAll(TOKEN)) {
      this.#put(text.slice(from, token.index), changed);
      this.#control(token, changed);
      from = token.index + token[0].length;
    }
    this.#put(text.slice(from), changed);
    const dropped = this.#trim(changed);
    for (const listener of this.#listeners) listener({ dropped, changed });
  }

  #put(text: string, changed: Set<Line>): void {
    if (!text) return;
    const line = this.lines[this.#row];
    const length = lengthOf(line);
    const run = { text, style: this.#pen.style };
    if (this.#column >= length) {
      const gap = " ".repeat(this.#column - length);
      line.runs = join([...line.runs, { text: gap, style: "" }, run]);
    } else {
      line.runs = join([...cut(line, 0, this.#column), run, ...cut(line, this.#column + text.length)]);
    }
    this.#column += text.length;
    this.#characters += lengthOf(line) - length;
    changed.add(line);
  }

  #control([token, parameters, final]: RegExpExecArray, changed: Set<Line>): void {
    const count = Math.max(1, parseInt(parameters) || 1);
    if (token === "\n") this.#down(1, changed, 0);
    else if (token === "\r") this.#column = 0;
    else if (token === "\b" || final === "D") this.#column = Math.max(0, this.#column - (final ? count : 1));
    else if (final === "m") this.#pen.apply(parameters);
    else if (final === "A") this.#row = Math.max(0, this.#row - count);
    else if (final === "B") this.#down(count, changed);
    else if (final === "C") this.#column = Math.min(this.#column + count, 1000);
    else if (final === "G") this.#column = Math.min(count - 1, 1000);
    else if (final === "H") this.#row = this.#column = 0;
    else if (final === "K") this.#erase(this.lines[this.#row], parameters, changed);
    else if (final === "J") this.#eraseDisplay(parameters, changed);
  }

  #down(count: number, changed: Set<Line>, column = this.#column): void {
    this.#column = column;
    for (let i = 0; i < Math.min(count, 1000); i++) {
      if (++this.#row < this.lines.length) continue;
      const line = { runs: [] };
      changed.add(this.lines[this.#row - 1]).add(line);
      this.lines.push(line);
    }
  }

  #erase(line: Line, parameters: string, changed: Set<Line>): void {
    const length = lengthOf(line);
    const blank = { text: " ".repeat(Math.min(this.#column, length)), style: "" };
    if (parameters === "1") line.runs = join([blank, ...cut(line, this.#column)]);
    else line.runs = parameters === "2" ? [] : cut(line, 0, this.#column);
    this.#characters += lengthOf(line) - length;
    changed.add(line);
  }

  #eraseDisplay(parameters: string, changed: Set<Line>): void {
    if (parameters === "1") return;
    if (parameters && parameters !== "0") this.lines.forEach((line) => this.#erase(line, "2", changed));
    else this.#erase(this.lines[this.#row], "", changed);
    for (const line of this.lines.slice(this.#row + 1)) this.#erase(line, "2", changed);
  }

  /** Drops lines, then characters of the only line left; a tenth more than needed, to have peace for a while. */
  #trim(changed: Set<Line>): number {
    if (this.lines.length <= LIMITS.lines && this.#characters <= LIMITS.characters) return 0;
    let dropped = 0;
    while (
      dropped < this.#row &&
      (this.lines.length - dropped > LIMITS.lines * 0.9 || this.#characters > LIMITS.characters * 0.9)
    ) {
      this.#characters -= lengthOf(this.lines[dropped]);
      changed.delete(this.lines[dropped++]);
    }
    this.lines.splice(0, dropped);
    this.#row -= dropped;
    const excess = this.#characters - LIMITS.characters;
    if (excess > 0) {
      const line = this.lines[this.#row];
      const gone = Math.min(lengthOf(line), Math.ceil(excess + LIMITS.characters * 0.1));
      line.runs = cut(line, gone);
      this.#column = Math.max(0, this.#column - gone);
      this.#characters -= gone;
      changed.add(line);
    }
    this.trimmed = true;
    return dropped;
  }
}

function lengthOf(line: Line): number {
  return line.runs.reduce((sum, run) => sum + run.text.length, 0);
}

function cut(line: Line, start: number, end = Infinity): Run[] {
  let from = 0;
  return line.runs
    .map(({ text, style }) => {
      const run = { text: text.slice(Math.max(0, start - from), Math.max(0, end - from)), style };
      from += text.length;
      return run;
    })
    .filter((run) => run.text);
}

function join(runs: Run[]): Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last?.style === run.style) joined[joined.length - 1] = { text: last.text + run.text, style: run.style };
    else if (run.text) joined.push(run);
  }
  return joined;
}
