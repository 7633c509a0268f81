import type { Stage } from "../stage.ts";
import { Layers } from "./layers.ts";
import type { Display, Failure, Item } from "./model.ts";
import { begin, begunSoFar } from "./order.ts";
import { type Prompt, promptForm } from "./prompt.ts";
import { choose, later, render, settle } from "./registry.ts";
import { Context, type Rendering } from "./rendering.ts";
import { notice, showText, showTerminal } from "./text.ts";

/** For how long the height is kept when outputs are replaced: the first of the new ones seldom comes alone. */
const HOLD_MS = 150;

/** How long outputs that are to be replaced stay in sight when fewer have come than there were: a picture follows its text soon. */
const GATHER_MS = 100;

/** Outputs where they are shown: a page of slots, one for each output, and a prompt below. */
export class View {
  #root = document.createElement("div");
  #pages: Layers;
  #page!: HTMLElement;
  #slots = new Map<Item, Slot>();
  #pending = new Set<Promise<unknown>>();
  #turning?: Promise<unknown>;
  /** Called with the number of outputs on the page that is being made. */
  #gathered?: (count: number) => void;
  #release?: ReturnType<typeof setTimeout>;
  #form?: HTMLFormElement;
  /** The visitor was in the prompt when it went, so the next one gets the focus. */
  #answered = false;

  constructor(
    host: HTMLElement,
    readonly stage: Stage,
    items: readonly Item[],
    shortened: boolean,
  ) {
    this.#root.className = "stagedoor-outputs";
    this.#pages = new Layers(this.#root.appendChild(document.createElement("div")));
    host.append(this.#root);
    this.#turn(items, shortened);
  }

  /** Resolves when what is there now has been drawn. */
  get ready(): Promise<void> {
    return Promise.all([this.#turning, ...this.#pending]).then(() => undefined);
  }

  /** Shows these items instead, without a blink. With `gather`, more are expected to come. */
  replace(items: readonly Item[], gather = false): void {
    clearTimeout(this.#release);
    this.#root.style.minHeight = `${this.#root.offsetHeight}px`;
    this.#turn(items, false, gather ? this.#slots.size : 0);
    void this.ready.then(() => {
      clearTimeout(this.#release);
      this.#release = setTimeout(() => (this.#root.style.minHeight = ""), HOLD_MS);
    });
  }

  append(item: Item): void {
    const slot = new Slot(item);
    this.#slots.set(item, slot);
    this.#page.append(slot.element);
    this.#wait(slot.draw(this.stage));
    this.#gathered?.(this.#slots.size);
  }

  update(item: Display): void {
    this.#wait(this.#slots.get(item)?.update(this.stage));
  }

  /** Takes away outputs that are no longer kept, and says so. */
  drop(items: readonly Item[]): void {
    for (const item of items) {
      this.#slots.get(item)?.remove();
      this.#slots.delete(item);
    }
    if (!this.#page.querySelector(":scope > .stagedoor-notice")) this.#sayShortened();
  }

  prompt(prompt: Prompt | undefined, submit: (value: string) => void): void {
    const old = this.#form;
    const active = document.activeElement;
    const answered = this.#answered && active === document.body;
    this.#answered = !!old?.contains(active);
    this.#form = prompt && promptForm(prompt, submit);
    if (this.#form) this.#root.append(this.#form);
    // Focus is not taken from what the visitor does elsewhere on the page.
    if (answered || (this.#root.closest("stage-door") ?? this.#root).contains(active)) {
      this.#form?.querySelector("input")?.focus({ preventScroll: true });
    }
    old?.remove();
  }

  remove(): void {
    clearTimeout(this.#release);
    this.#pages.clear();
    this.#root.remove();
  }

  /** Makes a new page, which is seen as soon as it is drawn and has `expected` outputs, or after `GATHER_MS`. */
  #turn(items: readonly Item[], shortened: boolean, expected = 0): void {
    const slots = (this.#slots = new Map<Item, Slot>());
    const pending = (this.#pending = new Set());
    this.#turning = this.#pages.put((page) => {
      this.#page = page;
      if (shortened) this.#sayShortened();
      items.forEach((item) => this.append(item));
      const gathered = slots.size < expected ? this.#gather(expected) : undefined;
      const drawn = () => Promise.all(pending);
      const ready = gathered?.then(drawn) ?? (pending.size ? drawn() : undefined);
      return { ready, remove: () => slots.forEach((slot) => slot.remove()) };
    });
  }

  #gather(expected: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, GATHER_MS);
      this.#gathered = (count) => count >= expected && resolve();
    });
  }

  #sayShortened(): void {
    this.#page.prepend(notice("Earlier outputs are not shown: there were too many."));
  }

  #wait(drawing: Promise<unknown> | void): void {
    if (!drawing) return;
    const pending = this.#pending.add(drawing);
    void drawing.finally(() => pending.delete(drawing));
  }
}

/** The place of one output. */
class Slot {
  readonly element = document.createElement("div");
  #layers = new Layers(this.element);
  #mime = "";

  constructor(readonly item: Item) {
    this.element.className = "stagedoor-output";
  }

  draw(stage: Stage): Promise<void> | undefined {
    const earlier = begunSoFar(stage);
    const drawing = this.#layers.put((element) => {
      const item = this.item;
      if (item.kind === "stream") return showTerminal(item.terminal, element, `stagedoor-${item.name}`);
      if (item.kind === "error") return showFailure(item, element);
      const show = () => {
        this.#mime = choose(item.data, stage);
        return render(item, new Context(item, this.#mime, element, stage, earlier));
      };
      const settled = settle(item.data, stage);
      return settled ? later(settled, show) : show();
    });
    if (drawing) begin(stage, drawing);
    return drawing;
  }

  /** Draws the display's new bundle, into what is there if that can take it over. */
  update(stage: Stage): Promise<unknown> | void {
    const item = this.item as Display;
    const rendering = this.#layers.newest;
    const settled = !settle(item.data, stage);
    if (!rendering?.update || !settled || choose(item.data, stage) !== this.#mime) return this.draw(stage);
    return rendering.update(item.data[this.#mime]);
  }

  remove(): void {
    this.#layers.clear();
    this.element.remove();
  }
}

/** What a visitor is told is a sentence; an author's traceback comes with `--dev`. */
function showFailure({ name, sentence, traceback }: Failure, element: HTMLElement): Rendering {
  element.classList.add("stagedoor-error");
  if (traceback && traceback !== sentence) return showText(traceback, element);
  const line = document.createElement("p");
  line.textContent = sentence || `The app has met an error (${name}).`;
  element.append(line);
  return {};
}
