import { DOMWidgetModel } from "@jupyter-widgets/base";
import type { Message, Outputs, Stage, Widgets } from "../stage.ts";
import { attach } from "./attach.ts";
import css from "./css/index.css";
import { WidgetManager } from "./manager.ts";
import { Sequence } from "./sequence.ts";

export { packages } from "./classes.ts";

/** The widgets of one session. `createOutputs` makes what output widgets show. */
export function createWidgets(stage: Stage, createOutputs: (stage: Stage) => Outputs): Widgets {
  return new WidgetRoom(stage, createOutputs);
}

class WidgetRoom implements Widgets {
  readonly #stage: Stage;
  readonly #manager: WidgetManager;
  readonly #sequence: Sequence;
  /** Models being made: one may refer to a later one, so they are made side by side. */
  #opening: Promise<void>[] = [];

  constructor(stage: Stage, createOutputs: (stage: Stage) => Outputs) {
    this.#stage = stage;
    this.#sequence = new Sequence(this.#failed);
    this.#manager = new WidgetManager(stage, () => createOutputs(stage));
    stage.style(css);
  }

  handle(message: Message): void {
    const type = message.header.msg_type;
    message.buffers = message.buffers?.map(alone) ?? [];
    if (type === "comm_open") this.#sequence.add(() => this.#open(message));
    else if (type === "comm_msg") this.#afterOpening(() => this.#manager.deliver(message));
    else if (type === "comm_close") this.#afterOpening(() => this.#manager.close(message));
  }

  status(message: Message): void {
    this.#afterOpening(() => this.#manager.status(message));
  }

  async capturing(parentId: string): Promise<Outputs | undefined> {
    await this.#settled();
    return this.#manager.capturing(parentId)?.captured;
  }

  updateDisplay(message: Message): void {
    this.#afterOpening(() => this.#manager.updateDisplay(message));
  }

  async show(modelId: string, host: HTMLElement): Promise<() => void> {
    await this.#settled();
    if (!this.#manager.has_model(modelId)) throw new Error(`There is no widget model ${modelId}.`);
    const model = await this.#manager.get_model(modelId);
    if (!(model instanceof DOMWidgetModel)) throw new Error(`A ${model.name} cannot be shown by itself.`);
    return attach(await this.#manager.create_view(model), host);
  }

  dispose(): void {
    this.#manager.dispose();
  }

  #open(message: Message): void {
    this.#opening.push(this.#manager.open(message).catch(this.#failed));
  }

  /** Adds a job that finds the models made that have been opened before it. */
  #afterOpening(job: () => void | Promise<unknown>): void {
    this.#sequence.add(() => {
      if (!this.#opening.length) return job();
      return this.#opened().then(job);
    });
  }

  async #opened(): Promise<void> {
    this.#manager.giveUpWaiting();
    await Promise.all(this.#opening.splice(0));
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => this.#afterOpening(resolve));
  }

  #failed = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    this.#stage.report("widget_failed", `A message to a widget could not be handled: ${reason}`, error);
  };
}

/** Widgets take a view's `buffer` for its content (ipywidgets' image does), so a buffer that shares a frame's memory gets its own. */
function alone(view: DataView): DataView {
  if (view.byteLength === view.buffer.byteLength) return view;
  return new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
