import type { ICallbacks, IClassicComm } from "@jupyter-widgets/base";
import type { Message } from "../stage.ts";

/** Binary parts, as ipywidgets' models hand them over. */
export type Buffers = ArrayBuffer[] | ArrayBufferView[];

/** Sends a `comm_msg` and returns its id. */
export type Post = (commId: string, data: object, callbacks?: ICallbacks, buffers?: Buffers) => string;

/** The page's end of a comm that the kernel has opened. */
export class Comm implements IClassicComm {
  readonly target_name = "jupyter.widget";
  #onMessage?: (message: Message) => void | Promise<void>;
  #onClose?: (message?: Message) => void;

  constructor(
    readonly comm_id: string,
    readonly post: Post,
  ) {}

  send(data: unknown, callbacks?: ICallbacks, _metadata?: unknown, buffers?: Buffers): string {
    return this.post(this.comm_id, data as object, callbacks, buffers);
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
    return this.#onMessage?.(message);
  }

  /** Tells the model that the kernel has closed the comm, or that the session is over. */
  closed(message?: Message): void {
    this.#onClose?.(message);
  }
}
