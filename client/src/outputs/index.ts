import type { Message, Outputs, Stage } from "../stage.ts";
import { append, continues, type Display, type Item, readItem, Stream } from "./model.ts";
import type { Prompt } from "./prompt.ts";
import { css } from "./style.ts";
import { View } from "./view.ts";

/** How many outputs are kept: an app that displays in an endless loop must not fill the page. */
const MOST = 1_000;

/** The outputs of one cell or output widget. */
export function createOutputs(stage: Stage): Outputs {
  return new OutputArea(stage);
}

class OutputArea implements Outputs {
  #items: Item[] = [];
  #views = new Set<View>();
  #prompt?: Prompt;
  /** A `clear_output` with `wait` that the next output will carry out. */
  #clearing = false;
  #shortened = false;

  constructor(readonly stage: Stage) {}

  handle({ header, content }: Message): void {
    const type = header.msg_type;
    if (type === "clear_output") {
      if (content.wait) this.#clearing = true;
      else this.#replace([]);
    } else if (type === "input_request")
      this.#setPrompt({ text: String(content.prompt ?? ""), password: !!content.password });
    else {
      const item = readItem(type, content);
      if (!item) return;
      if (type === "update_display_data") this.#update(item as Display);
      else this.#add(item);
    }
  }

  load(outputs: readonly Record<string, unknown>[]): void {
    const items: Item[] = [];
    for (const output of outputs) {
      const item = readItem(output.output_type, output);
      if (item) append(items, item);
    }
    // An output widget sends all its outputs for each new one: what is shown already stays.
    const rests = this.#clearing ? undefined : continues(this.#items, items);
    if (!rests) return this.#replace(items);
    rests.forEach((rest, index) => rest && (this.#items[index] as Stream).write(rest));
    items.slice(rests.length).forEach((item) => this.#add(item));
  }

  clear(): void {
    this.#replace([]);
    this.closePrompt();
  }

  closePrompt(): void {
    if (this.#prompt) this.#setPrompt(undefined);
  }

  show(host: HTMLElement): { ready: Promise<void>; remove: () => void } {
    this.stage.style(css);
    const view = new View(host, this.stage, this.#items, this.#shortened);
    this.#views.add(view);
    if (this.#prompt) view.prompt(this.#prompt, this.#submit);
    const remove = () => {
      this.#views.delete(view);
      view.remove();
    };
    return { ready: view.ready, remove };
  }

  #add(item: Item): void {
    if (this.#clearing) return this.#replace([item], true);
    if (!append(this.#items, item)) return;
    this.#views.forEach((view) => view.append(item));
    if (this.#items.length <= MOST) return;
    this.#shortened = true;
    const dropped = this.#items.splice(0, this.#items.length - MOST);
    this.#views.forEach((view) => view.drop(dropped));
  }

  #replace(items: Item[], gather = false): void {
    this.#clearing = this.#shortened = false;
    this.#items = items;
    this.#views.forEach((view) => view.replace(items, gather));
  }

  #update({ displayId, data, metadata }: Display): void {
    for (const item of this.#items) {
      if (item.kind !== "display" || displayId === undefined || item.displayId !== displayId) continue;
      Object.assign(item, { data, metadata });
      this.#views.forEach((view) => view.update(item));
    }
  }

  #setPrompt(prompt: Prompt | undefined): void {
    this.#prompt = prompt;
    this.#views.forEach((view) => view.prompt(prompt, this.#submit));
  }

  /** Answers, and keeps question and answer to be read, as a notebook does. */
  #submit = (value: string): void => {
    const prompt = this.#prompt;
    if (!prompt) return;
    const echo = prompt.password ? "········" : value;
    this.closePrompt();
    this.#add(new Stream("stdin", `${prompt.text}${echo}\n`));
    this.stage.answer(value);
  };
}
