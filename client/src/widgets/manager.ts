import {
  type DOMWidgetView,
  ErrorWidgetView,
  put_buffers,
  uuid,
  type WidgetModel,
  type WidgetView,
} from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import { PromiseDelegate } from "@lumino/coreutils";
import type { Message, Outputs, Stage } from "../stage.ts";
import { AbsentModel, AbsentView, ClosedModel } from "./absent.ts";
import { findClass, loadClass } from "./classes.ts";
import { Comm, type Line, refersTo } from "./comm.ts";
import type { OutputModel } from "./output.ts";
import { loadSanitizer } from "./shims/sanitize-html.ts";
import { typesetter } from "./typesetter.ts";

/** The models of one session, and their comms. */
export class WidgetManager extends ManagerBase {
  /** Where ipywidgets' views look for who typesets formulas. */
  readonly _rendermime: { latexTypesetter: ReturnType<typeof typesetter> };
  readonly #comms = new Map<string, Comm>();
  /** Status callbacks of the messages whose answer is still to come, by message id. */
  readonly #answers = new Map<string, (message: Message) => void>();
  /** Models that others refer to and that have not been opened yet. */
  readonly #awaited = new Map<string, PromiseDelegate<WidgetModel>>();
  /** Whether models that others refer to may still be opened. */
  #opening = false;
  /** Output widgets; that which has begun to capture last is the last. */
  readonly #outputs = new Set<OutputModel>();
  readonly #closed = new WeakSet<WidgetModel>();
  readonly #missing = new Set<string>();
  /** Models that widgets' own code has made: the kernel does not know of them. */
  readonly #pageModels = new Set<string>();

  constructor(
    readonly stage: Stage,
    readonly newOutputs: () => Outputs,
  ) {
    super();
    this._rendermime = { latexTypesetter: typesetter(stage) };
  }

  /** Makes the model that a `comm_open` asks for. Resolves when it is made. */
  async open(message: Message): Promise<void> {
    const { comm_id, target_name, data } = message.content;
    if (target_name !== "jupyter.widget") return;
    this.#opening = true;
    put_buffers(data.state, data.buffer_paths ?? [], message.buffers);
    const comm = new Comm(comm_id, data.state, this.#line);
    this.#comms.set(comm_id, comm);
    const { _model_name, _model_module, _model_module_version } = data.state;
    const about = { model_name: _model_name, model_module: _model_module, model_module_version: _model_module_version };
    const model = await this.new_model({ ...about, comm }, data.state);
    model.once("comm:close", () => this.#closed.add(model));
  }

  /** Hands a `comm_msg` to its model. Resolves when the model has it. */
  deliver(message: Message): void | Promise<unknown> {
    const { comm_id, data } = message.content;
    const comm = this.#comms.get(comm_id);
    if (!comm) return;
    if (data.state?.description_allow_html) return loadSanitizer().then(() => comm.deliver(message));
    return comm.deliver(message);
  }

  close(message: Message): void {
    const { comm_id } = message.content;
    this.#comms.get(comm_id)?.closed(message);
    this.#comms.delete(comm_id);
  }

  /** A `status` message: calls who waits for it. */
  status(message: Message): void {
    const id = message.parent_header.msg_id ?? "";
    const answer = this.#answers.get(id);
    if (message.content.execution_state === "idle") this.#answers.delete(id);
    answer?.(message);
  }

  /** Whoever waits for a model that has not been opened by now waits in vain: a widget has been closed that another one refers to. */
  giveUpWaiting(): void {
    this.#opening = false;
    for (const [id, awaited] of this.#awaited) awaited.resolve(this.#closedModel(id));
    this.#awaited.clear();
  }

  /** Notes a new output widget, or that one has begun to capture. */
  captures(model: OutputModel): void {
    this.#outputs.delete(model);
    this.#outputs.add(model);
  }

  /** Forgets an output widget. */
  release(model: OutputModel): void {
    this.#outputs.delete(model);
  }

  /** The output widget that captures a message's outputs: of nested ones, the inner one. */
  capturing(parentId: string): OutputModel | undefined {
    return [...this.#outputs].filter((model) => model.get("msg_id") === parentId).at(-1);
  }

  /** Applies an `update_display_data` wherever its output is. */
  updateDisplay(message: Message): void {
    this.#outputs.forEach((model) => model.captured.handle(message));
  }

  /** Closes all models and their views. */
  dispose(): void {
    this.giveUpWaiting();
    this.#answers.clear();
    for (const comm of this.#comms.values()) comm.closed();
    this.#comms.clear();
  }

  readonly #line: Line = {
    post: (commId, data, callbacks, buffers) => {
      const id = this.stage.sendComm(commId, data as Record<string, unknown>, buffers as BufferSource[] | undefined);
      const status = callbacks?.iopub?.status;
      if (status) this.#answers.set(id, status as (message: unknown) => void);
      return id;
    },
    refersToPage: (value) => this.#pageModels.size > 0 && refersTo(value, this.#pageModels),
  };

  override get_model(id: string): Promise<WidgetModel> {
    if (this.has_model(id)) return super.get_model(id);
    if (!this.#opening) return Promise.resolve(this.#closedModel(id));
    if (!this.#awaited.has(id)) this.#awaited.set(id, new PromiseDelegate());
    return this.#awaited.get(id)!.promise;
  }

  override register_model(id: string, model: Promise<WidgetModel>): void {
    super.register_model(id, model);
    this.#awaited.get(id)?.resolve(model);
    this.#awaited.delete(id);
  }

  override async _make_model(options: never, state: Record<string, unknown> = {}): Promise<WidgetModel> {
    if (state.description_allow_html) await loadSanitizer();
    return super._make_model(options, state).catch((error: unknown) => this.#failedModel(options, state, error));
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the base class is generic in what it cannot know
  override create_view(model: any, options?: any): Promise<any> {
    const shown = this.#closed.has(model) ? this.#closedModel(model.model_id) : model;
    const view = super.create_view<DOMWidgetView>(shown, options);
    void view.then((view) => {
      if (view instanceof ErrorWidgetView)
        this.stage.report("widget_failed", view.model.get("msg"), view.model.get("error"));
    });
    return view;
  }

  protected override async loadModelClass(name: string, module: string): Promise<typeof WidgetModel> {
    return findClass<typeof WidgetModel>(name, module) ?? (await this.#load(name, module)) ?? AbsentModel;
  }

  protected override async loadViewClass(name: string, module: string): Promise<typeof WidgetView> {
    return (
      findClass<typeof WidgetView>(name, module) ??
      (await this.#load(name, module)) ??
      (AbsentView as typeof WidgetView)
    );
  }

  protected override loadClass(name: string, module: string): Promise<never> {
    return Promise.reject(new Error(`${name} of ${module} is asked for by neither a model nor a view`));
  }

  async #load<Class>(name: string, module: string): Promise<Class | undefined> {
    let reason = "";
    try {
      const found = await loadClass<Class>(name, module, this.stage);
      if (found) return found;
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (!this.#missing.has(module)) {
      this.#missing.add(module);
      const sentence = `The widget ${name} of the package ${module} is not available here`;
      this.stage.report("widget_unavailable", `${sentence}${reason}.`);
    }
    return undefined;
  }

  #closedModel(model_id: string): WidgetModel {
    return new ClosedModel({}, { model_id, widget_manager: this });
  }

  /** A page opens no widgets in the kernel: those that widgets' code makes are its own affair. */
  protected override async _create_comm(_target: string, modelId: string = uuid()): Promise<Comm> {
    this.#pageModels.add(modelId);
    return new Comm(modelId, {}, { post: () => "", refersToPage: () => true });
  }

  /** In place of a model whose own code fails: those that refer to it are shown all the same. */
  #failedModel(options: object, state: Record<string, unknown>, error: unknown): WidgetModel {
    const about = `${state._model_name} of the package ${state._model_module}`;
    this.stage.report("widget_failed", `The widget ${about} could not be made.`, error);
    const attributes = { _view_name: "FailedView", _view_module: "@jupyter-widgets/base" };
    return new AbsentModel(attributes as never, { ...options, widget_manager: this } as never);
  }

  protected override async _get_comm_info(): Promise<object> {
    return {};
  }
}
