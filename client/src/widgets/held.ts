import { WidgetModel } from "@jupyter-widgets/base";

/** How long after a movement of the pointer over a widget a change is taken for what the visitor meant, in ms. */
const HOVER = 300;

/**
 * Changes that a page makes by itself, before anybody has used it: links bring their ends together, charts tell their sizes. They
 * need no answer, so they wait, in their models, for the first message that does need the kernel: showing a page costs none.
 */
export class HeldChanges {
  readonly #models = new Set<WidgetModel>();
  #holding = true;
  #hovered = -Infinity;

  /** Notes a model whose changes have to wait; false: they have not. */
  hold(model: WidgetModel): boolean {
    if (!this.#holding || performance.now() - this.#hovered < HOVER) return false;
    this.#models.add(model);
    return true;
  }

  /** The pointer is being moved over a widget. */
  hovered(): void {
    this.#hovered = performance.now();
  }

  /** The visitor has used a widget: from now on changes do not wait. */
  used(): void {
    this.#holding = false;
  }

  /** Hands over the models that have waited: the kernel is there, or about to be. */
  take(): WidgetModel[] {
    this.#holding = false;
    const models = [...this.#models];
    this.#models.clear();
    return models;
  }
}

const { save_changes } = WidgetModel.prototype;

WidgetModel.prototype.save_changes = function (callbacks?: object): void {
  const held = (this.widget_manager as { held?: HeldChanges } | undefined)?.held;
  if (!held?.hold(this)) save_changes.call(this, callbacks);
};
