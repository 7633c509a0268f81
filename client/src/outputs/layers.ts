import type { Rendering } from "./rendering.ts";

interface Layer {
  element: HTMLElement;
  rendering: Rendering;
}

/** Successive contents of one place. The newest that has been drawn is seen, so nothing blinks while its successor is being made. */
export class Layers {
  /** The first is seen, the others are being drawn. */
  #layers: Layer[] = [];

  constructor(readonly box: HTMLElement) {}

  /** How the newest content was drawn. */
  get newest(): Rendering | undefined {
    return this.#layers.at(-1)?.rendering;
  }

  /** Draws a successor, out of sight unless it is the first. Resolves when it is seen or has been overtaken; undefined: it is seen already. */
  put(draw: (element: HTMLElement) => Rendering): Promise<void> | undefined {
    const element = document.createElement("div");
    if (this.#layers.length) element.classList.add("stagedoor-next");
    // Before its predecessor, so that the first element with some id is the new one.
    this.box.prepend(element);
    const layer: Layer = { element, rendering: {} };
    this.#layers.push(layer);
    // Of those that are being drawn, the oldest may finish (or a fast slider would show nothing until it rests).
    for (const overtaken of this.#layers.splice(2, this.#layers.length - 3)) discard(overtaken);
    layer.rendering = draw(element);
    if (layer.rendering.ready) return layer.rendering.ready.then(() => this.#reveal(layer));
    this.#reveal(layer);
    return undefined;
  }

  clear(): void {
    this.#layers.splice(0).forEach(discard);
  }

  #reveal(layer: Layer): void {
    const index = this.#layers.indexOf(layer);
    if (index < 0) return;
    this.#layers.splice(0, index).forEach(discard);
    layer.element.classList.remove("stagedoor-next");
  }
}

function discard({ element, rendering }: Layer): void {
  rendering.remove?.();
  element.remove();
}
