import { Terminal } from "./terminal.ts";

/** Adjacent `stream` outputs of one name. */
export class Stream {
  readonly kind = "stream";
  #terminal?: Terminal;

  constructor(
    readonly name: string,
    public text: string,
  ) {}

  /** Made when it is first shown: outputs that are loaded are often only compared. */
  get terminal(): Terminal {
    if (!this.#terminal) {
      this.#terminal = new Terminal();
      this.#terminal.write(this.text);
    }
    return this.#terminal;
  }

  write(text: string): void {
    this.terminal.write(text);
    // Kept only to compare with what is loaded later, so not past all bounds.
    this.text = this.text.length < 1_000_000 ? this.text + text : "";
  }

  /** What `newer` has beyond this one; undefined when it does not begin like it. */
  rest(newer: Stream): string | undefined {
    const begins = newer.name === this.name && this.text && newer.text.startsWith(this.text);
    return begins ? newer.text.slice(this.text.length) : undefined;
  }
}

/** A `display_data` or `execute_result`. */
export interface Display {
  readonly kind: "display";
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  displayId?: string;
}

export interface Failure {
  readonly kind: "error";
  name: string;
  sentence: string;
  traceback: string;
}

export type Item = Stream | Display | Failure;

type Fields = Record<string, unknown>;

/** Reads a message's content, or an output in notebook format: they have the same fields. Undefined for other types. */
export function readItem(type: unknown, content: Fields): Item | undefined {
  if (type === "stream") return new Stream(asText(content.name), asText(content.text ?? ""));
  if (type === "error") {
    const traceback = asText((Array.isArray(content.traceback) ? content.traceback : []).join("\n"));
    return { kind: "error", name: asText(content.ename), sentence: asText(content.evalue), traceback };
  }
  if (type !== "display_data" && type !== "execute_result" && type !== "update_display_data") return undefined;
  const { display_id: displayId } = record(content.transient);
  return {
    kind: "display",
    data: record(content.data),
    metadata: record(content.metadata),
    displayId: typeof displayId === "string" ? displayId : undefined,
  };
}

/** Notebook files keep long texts as lists of lines. */
export function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join("");
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function record(value: unknown): Fields {
  return typeof value === "object" && value ? (value as Fields) : {};
}

/** Puts an item after the others; a stream goes on where the last one is of its name. Returns whether the item is a new one. */
export function append(items: Item[], item: Item): boolean {
  const last = items.at(-1);
  if (item.kind === "stream" && last?.kind === "stream" && last.name === item.name) {
    last.write(item.text);
    return false;
  }
  items.push(item);
  return true;
}

/** How much the old items are a beginning of the new ones: per old item the text that its stream lacks. Undefined when they are not. */
export function continues(old: readonly Item[], newer: readonly Item[]): string[] | undefined {
  const rests: string[] = [];
  for (const [index, item] of old.entries()) {
    const other = newer[index];
    let rest: string | undefined;
    if (item.kind === "stream") rest = other?.kind === "stream" ? item.rest(other) : undefined;
    else if (other && JSON.stringify(item) === JSON.stringify(other)) rest = "";
    if (rest === undefined) return undefined;
    rests.push(rest);
  }
  return rests;
}
