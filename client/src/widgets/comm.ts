import type { ICallbacks, IClassicComm } from "@jupyter-widgets/base";
import type { Message } from "../stage.ts";

/** Binary parts, as ipywidgets' models hand them over. */
export type Buffers = ArrayBuffer[] | ArrayBufferView[];

/** How a comm reaches the kernel. */
export interface Line {
  /** Sends a `comm_msg` and returns its id. */
  post(commId: string, data: object, callbacks?: ICallbacks, buffers?: Buffers): string;
  /** Whether the value refers to a model that only the page knows of. */
  refersToPage(value: unknown): boolean;
}

/** What a model sends, or gets: a part of its state, and where in it the buffers belong. */
interface Update {
  method?: string;
  state?: Record<string, unknown>;
  buffer_paths?: (string | number)[][];
}

const REFERENCE = "IPY_MODEL_";

/** Whether a value of a widget's state refers, however deep in it, to one of these models. */
export function refersTo(value: unknown, models: ReadonlySet<string>): boolean {
  if (typeof value === "string") return value.startsWith(REFERENCE) && models.has(value.slice(REFERENCE.length));
  if (typeof value !== "object" || !value || ArrayBuffer.isView(value)) return false;
  return Object.values(value).some((part) => refersTo(part, models));
}

/** The page's end of a comm that the kernel has opened. */
export class Comm implements IClassicComm {
  readonly target_name = "jupyter.widget";
  readonly #line: Line;
  /** The traits of which the kernel has told. */
  readonly #traits: Set<string>;
  #onMessage?: (message: Message) => void | Promise<void>;
  #onClose?: (message?: Message) => void;

  /** `state` is that which the comm was opened with, its buffers included. */
  constructor(
    readonly comm_id: string,
    state: Record<string, unknown>,
    line: Line,
  ) {
    this.#traits = new Set(Object.keys(state));
    this.#line = line;
  }

  send(data: unknown, callbacks?: ICallbacks, _metadata?: unknown, buffers?: Buffers): string {
    const update = data as Update;
    if (update.method !== "update") return this.#line.post(this.comm_id, update, callbacks, buffers);
    const known = this.#known(update, buffers);
    return this.#line.post(this.comm_id, known.update, callbacks, known.buffers);
  }

  /** Comms are opened by the kernel alone. */
  open(): string {
    return "";
  }

  /** Comms are closed by the kernel alone: a model that the page lets go stays in the kernel. */
  close(): string {
    return "";
  }

  on_msg(callback: (message: Message) => void | Promise<void>): void {
    this.#onMessage = callback;
  }

  on_close(callback: (message?: Message) => void): void {
    this.#onClose = callback;
  }

  /** Hands a `comm_msg` to the model. */
  deliver(message: Message): void | Promise<void> {
    const { state = {}, buffer_paths = [] } = message.content.data as Update;
    for (const trait in state) this.#traits.add(trait);
    for (const [trait] of buffer_paths) this.#traits.add(String(trait));
    return this.#onMessage?.(message);
  }

  /** Tells the model that the kernel has closed the comm, or that the session is over. */
  closed(message?: Message): void {
    this.#onClose?.(message);
  }

  /** Leaves out what only the page knows of: a kernel passes over it (ipywidgets, `Widget.set_state`), a gateway refuses it. */
  #known(
    { state = {}, buffer_paths = [], ...rest }: Update,
    buffers: Buffers = [],
  ): { update: Update; buffers: Buffers } {
    const known = ([trait]: readonly unknown[]) =>
      this.#traits.has(String(trait)) && !this.#line.refersToPage(state[String(trait)]);
    const update = {
      ...rest,
      state: Object.fromEntries(Object.entries(state).filter(known)),
      buffer_paths: buffer_paths.filter(known),
    };
    return { update, buffers: [...buffers].filter((_, index) => known(buffer_paths[index])) as Buffers };
  }
}
