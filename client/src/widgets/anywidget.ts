/** Widgets whose browser code comes with their state, as an ES module: https://anywidget.dev/en/afm/ */
import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";
import { FAILED, say } from "./absent.ts";
import { Esm } from "./esm.ts";
import type { WidgetManager } from "./manager.ts";

/** The event by which a model tells its views that its code is another one. */
const RENEWED = "stagedoor:renewed";

export class AnyModel extends DOMWidgetModel {
  declare widget_manager: WidgetManager;
  declare esm: Esm;
  /** Whether its code has asked the kernel something. */
  declare asks: boolean;

  override initialize(attributes: Record<string, unknown>, options: never): void {
    super.initialize(attributes, options);
    style(this);
    begin(this);
    // Under `--dev`, anywidget watches the files that these come from.
    this.on("change:_css", () => style(this));
    this.on("change:_esm", () => {
      this.esm.end();
      begin(this);
      this.trigger(RENEWED);
    });
    this.once("destroy", () => this.esm.end());
  }

  override send(content: never, callbacks?: object, buffers?: ArrayBuffer[] | ArrayBufferView[]): void {
    this.asks = true;
    super.send(content, callbacks, buffers);
  }

  /** Keeps binary values and what JSON has no word for, which the base class would turn into text. */
  override serialize(state: Record<string, unknown>): never {
    for (const [name, value] of Object.entries(state)) {
      const packed = name === "layout" || name === "style" ? JSON.parse(JSON.stringify(value)) : structuredClone(value);
      state[name] = ArrayBuffer.isView(packed) ? exactly(packed) : packed;
    }
    return state as never;
  }
}

function begin(model: AnyModel): void {
  model.esm = new Esm(model);
  model.esm.begun.catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    model.widget_manager.stage.report("widget_failed", `The widget's own code failed: ${reason}`, error);
  });
}

function style(model: AnyModel): void {
  const css = model.get("_css") as string | undefined;
  if (!css) return;
  model.widget_manager.stage.style(/^https?:\/\//.test(css) ? `@import url(${JSON.stringify(css)});` : css);
}

/** A view of a part of a buffer would be sent with the whole buffer. */
function exactly({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBufferLike {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

export class AnyView extends DOMWidgetView {
  declare model: AnyModel;
  #drawn?: AbortController;

  /** Waits for nothing: the widget's code may itself wait for a message that comes after others for this model. */
  override render(): void {
    this.#draw();
    this.listenTo(this.model, RENEWED, () => this.#draw());
  }

  override remove(): this {
    this.#drawn?.abort();
    return super.remove();
  }

  #draw(): void {
    this.#drawn?.abort();
    const { signal } = (this.#drawn = new AbortController());
    this.el.classList.remove("stagedoor-absent");
    this.el.replaceChildren();
    this.model.esm.render(this.el, signal).catch(() => {
      if (!signal.aborted) say(this.el, FAILED);
    });
  }
}
