/** An anywidget's ES module at work: what it is given, and what becomes of what it gives. */
import type { AnyModel } from "./anywidget.ts";
import type { WidgetManager } from "./manager.ts";
import { provide } from "./standins.ts";

type Awaitable<Value> = Value | Promise<Value>;
type Cleanup = () => Awaitable<void>;

interface Context {
  model: ModelProxy;
  /** Aborted when what the context was given for is over. */
  signal: AbortSignal;
  experimental: { invoke(name: string, message?: unknown, options?: InvokeOptions): Promise<Answer> };
}

/** What a widget's code is given to draw a view. */
export interface RenderContext extends Context {
  el: HTMLElement;
  host: Host;
}

interface InvokeOptions {
  buffers?: ArrayBufferView[];
  /** Gives up waiting for the answer. */
  signal?: AbortSignal;
}

type Answer = [response: unknown, buffers: DataView[]];

/** What an anywidget's module gives; all parts may be missing. */
interface Behaviour {
  /** Returns what is to be done at the end, or what other widgets may use. */
  initialize?(context: Context): Awaitable<Cleanup | object | void>;
  render?(context: RenderContext): Awaitable<Cleanup | void>;
}

type Module = Behaviour & { default?: Behaviour | (() => Awaitable<Behaviour>) };

/** By what a widget that holds others finds them; a reference is `anywidget:` and the model's id. */
interface Host {
  getModel(reference: string): Promise<ModelProxy>;
  getWidget(
    reference: string,
  ): Promise<{ exports: unknown; render(place: { el: HTMLElement; signal?: AbortSignal }): Promise<void> }>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an event brings depends on the event
type Listener = (...values: any[]) => void;

const REFERENCE = "anywidget:";

/** The code of one model: loaded and initialized once, rendered into each of its views. */
export class Esm {
  readonly #model: AnyModel;
  readonly #ended = new AbortController();
  readonly begun: Promise<{ behaviour: Behaviour; exports: unknown }>;

  constructor(model: AnyModel) {
    this.#model = model;
    this.begun = this.#begin();
  }

  /** Renders into the element. What is rendered is over with the signal. */
  async render(el: HTMLElement, signal: AbortSignal): Promise<void> {
    const { behaviour } = await this.begun;
    if (signal.aborted) return;
    const host = hostOf(this.#model, signal);
    const drawing = behaviour.render?.({ ...this.#context(signal), el, host });
    this.#openIfEmpty(el, signal);
    atEnd(signal, await drawing);
  }

  /** What draws nothing until the kernel has answered is not to be seen without one. */
  #openIfEmpty(el: HTMLElement, signal: AbortSignal): void {
    requestAnimationFrame(() => {
      if (this.#model.asks && !el.hasChildNodes() && !signal.aborted) this.#model.widget_manager.stage.open();
    });
  }

  end(): void {
    this.#ended.abort();
  }

  async #begin(): Promise<{ behaviour: Behaviour; exports: unknown }> {
    const { signal } = this.#ended;
    const module = await load(this.#model.get("_esm"));
    const given = module.default ?? module;
    const behaviour = typeof given === "function" ? await given() : given;
    const exports = await behaviour.initialize?.(this.#context(signal));
    atEnd(signal, exports);
    return { behaviour, exports: typeof exports === "object" ? exports : undefined };
  }

  #context(signal: AbortSignal): Context {
    const model = this.#model;
    return {
      model: new ModelProxy(model, signal),
      signal,
      experimental: { invoke: (name, message, options) => invoke(model, name, message, options) },
    };
  }
}

/** What a widget's code sees of a model; its listeners go with the signal. */
export class ModelProxy {
  readonly #model: AnyModel;
  readonly #context = {};
  readonly widget_manager: WidgetManager;

  constructor(model: AnyModel, signal: AbortSignal) {
    this.#model = model;
    this.widget_manager = model.widget_manager;
    atEnd(signal, () => this.off());
  }

  get(name: string): unknown {
    return this.#model.get(name);
  }

  set(name: string | object, value?: unknown): void {
    this.#model.set(name as string, value);
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

/** Calls a command of the widget's Python class. A recorded page has no kernel to ask: the answer comes when there is one. */
function invoke(
  model: AnyModel,
  name: string,
  msg?: unknown,
  { buffers = [], signal }: InvokeOptions = {},
): Promise<Answer> {
  const id = `${Date.now()}-${Math.random()}`;
  return new Promise((resolve, reject) => {
    const hear = (answer: { id?: string; response?: unknown }, buffers: DataView[]) => {
      if (answer.id !== id) return;
      model.off("msg:custom", hear);
      resolve([answer.response, buffers]);
    };
    const giveUp = () => {
      model.off("msg:custom", hear);
      reject(signal!.reason);
    };
    if (signal?.aborted) return giveUp();
    signal?.addEventListener("abort", giveUp);
    model.on("msg:custom", hear);
    model.send({ id, kind: "anywidget-command", name, msg } as never, undefined, buffers);
  });
}

function hostOf(model: AnyModel, signal: AbortSignal): Host {
  const find = async (reference: string): Promise<AnyModel> => {
    if (!String(reference).startsWith(REFERENCE)) throw new Error(`${reference} is not a widget's reference`);
    return (await model.widget_manager.get_model(reference.slice(REFERENCE.length))) as AnyModel;
  };
  return {
    getModel: async (reference) => new ModelProxy(await find(reference), signal),
    async getWidget(reference) {
      const { esm } = await find(reference);
      if (!esm) throw new Error(`${reference} is no anywidget`);
      const { exports } = await esm.begun;
      return { exports, render: ({ el, signal: until = signal }) => esm.render(el, until) };
    },
  };
}

/** Does this when the signal aborts; what fails then concerns nobody any more. */
function atEnd(signal: AbortSignal, cleanup: unknown): void {
  if (typeof cleanup !== "function") return;
  const clean = async () => cleanup();
  const done = () =>
    void clean().catch((error: unknown) => console.warn("Stagedoor: a widget did not clean up:", error));
  if (signal.aborted) done();
  else signal.addEventListener("abort", done, { once: true });
}

const modules = new Map<string, Promise<Module>>();

/** Loads an ES module given as text or as an address; of one text it is loaded once. */
function load(source: string): Promise<Module> {
  let module = modules.get(source);
  if (!module) modules.set(source, (module = importText(source)));
  return module;
}

async function importText(source: string): Promise<Module> {
  if (/^https?:\/\//.test(source)) return import(source);
  const url = URL.createObjectURL(new Blob([await provide(source)], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
