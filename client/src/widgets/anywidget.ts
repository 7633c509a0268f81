/** Widgets whose browser code comes with their state, as an ES module: https://anywidget.dev/en/afm/ */
import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";
import { say } from "./absent.ts";
import type { WidgetManager } from "./manager.ts";

type Cleanup = void | (() => void | Promise<void>);

/** What an anywidget's module gives; all parts may be missing. */
interface Behaviour {
  initialize?(context: { model: ModelProxy }): Cleanup | Promise<Cleanup>;
  render?(context: { model: ModelProxy; el: HTMLElement }): Cleanup | Promise<Cleanup>;
}

type Module = Behaviour & { default?: Behaviour | (() => Behaviour | Promise<Behaviour>) };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an event brings depends on the event
type Listener = (...values: any[]) => void;

const ADDRESS = /^https?:\/\//;

const modules = new Map<string, Promise<Module>>();

/** Loads an ES module given as text or as an address; of one text it is loaded once. */
function load(source: string): Promise<Module> {
  let module = modules.get(source);
  if (!module) modules.set(source, (module = importText(source)));
  return module;
}

async function importText(source: string): Promise<Module> {
  if (ADDRESS.test(source)) return import(source);
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** What a widget's code sees of its model; its listeners go when the view goes that it was made for. */
export class ModelProxy {
  readonly #model: AnyModel;
  readonly #context = {};
  readonly widget_manager: WidgetManager;

  constructor(model: AnyModel) {
    this.#model = model;
    this.widget_manager = model.widget_manager;
  }

  get(name: string): unknown {
    return this.#model.get(name);
  }

  set(name: string, value: unknown): void {
    this.#model.set(name, value);
  }

  save_changes(): void {
    this.#model.save_changes();
  }

  send(content: unknown, callbacks?: object, buffers?: ArrayBuffer[] | ArrayBufferView[]): void {
    this.#model.send(content as never, callbacks, buffers);
  }

  on(event: string, listener: Listener): void {
    this.#model.on(event, listener, this.#context);
  }

  off(event?: string | null, listener?: Listener | null): void {
    this.#model.off(event ?? undefined, listener ?? undefined, this.#context);
  }
}

/** The module's behaviour, once it is initialized. */
async function begin(model: AnyModel, proxy: ModelProxy): Promise<{ behaviour: Behaviour; cleanup: Cleanup }> {
  const css = model.get("_css") as string | undefined;
  if (css) model.widget_manager.stage.style(ADDRESS.test(css) ? `@import url(${JSON.stringify(css)});` : css);
  const module = await load(model.get("_esm"));
  const given = module.default ?? module;
  const behaviour = typeof given === "function" ? await given() : given;
  return { behaviour, cleanup: await behaviour.initialize?.({ model: proxy }) };
}

export class AnyModel extends DOMWidgetModel {
  declare widget_manager: WidgetManager;
  declare begun: ReturnType<typeof begin>;

  override initialize(attributes: Record<string, unknown>, options: never): void {
    super.initialize(attributes, options);
    const proxy = new ModelProxy(this);
    this.begun = begin(this, proxy);
    this.begun.catch((error: unknown) => {
      this.widget_manager.stage.report("widget_failed", `The widget's own code failed: ${reason(error)}`, error);
    });
    this.once("destroy", () => {
      proxy.off();
      void this.begun.then(({ cleanup }) => cleanup?.()).catch(() => undefined);
    });
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

/** A view of a part of a buffer would be sent with the whole buffer. */
function exactly({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBufferLike {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export class AnyView extends DOMWidgetView {
  declare model: AnyModel;
  #proxy?: ModelProxy;
  #rendered?: Promise<Cleanup>;

  /** Waits for nothing: the widget's code may itself wait for a message that comes after others for this model. */
  override render(): void {
    const proxy = (this.#proxy = new ModelProxy(this.model));
    this.#rendered = this.model.begun.then(({ behaviour }) => behaviour.render?.({ model: proxy, el: this.el }));
    this.#rendered.catch(() => say(this.el, "This widget could not be shown."));
  }

  override remove(): this {
    this.#proxy?.off();
    void this.#rendered?.then((cleanup) => cleanup?.()).catch(() => undefined);
    this.#rendered = undefined;
    return super.remove();
  }
}
