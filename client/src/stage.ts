/** What the rooms of the client say to each other: the session gives a Stage to outputs and widgets, and gets these faces back. */

/** A Jupyter message, as the page sees it. */
export interface Message {
  channel: string;
  header: { msg_id: string; msg_type: string; [key: string]: unknown };
  parent_header: { msg_id?: string; [key: string]: unknown };
  metadata: Record<string, unknown>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the content's form depends on the type of the message
  content: any;
  buffers: DataView[];
}

/** A cell of the app, in order; `id` is the `parent_header.msg_id` of its messages. */
export interface Cell {
  name: string;
  id: string;
}

/** A prebuilt extension of JupyterLab. */
export interface FederatedExtension {
  kind: "federated";
  /** Of the file that brings its container, relative to the gateway's root. */
  address: string;
  /** The package's, under which the container is found. */
  name: string;
  version: string;
  /** What to ask the container for. */
  modules: readonly string[];
}

/** A prebuilt extension of JupyterLab that draws MIME types. */
export interface MimeExtension extends FederatedExtension {
  /** Those that its code mentions: it may draw any of them. */
  types: readonly string[];
}

/** A module that calls `define`. */
export interface AmdExtension {
  kind: "amd";
  address: string;
}

/** Browser code of widgets, as their packages have installed it (docs/protocol.md). */
export type Extension = FederatedExtension | AmdExtension;

/** What outputs and widgets may ask of the session they belong to. */
export interface Stage {
  /** The gateway's root, ending in `/`. */
  readonly base: URL;
  /** Libraries that the gateway serves for this app, by name (`plotly`): paths relative to `base`. */
  readonly assets: Readonly<Record<string, string>>;
  /** What to load for the widgets of a module, by the module's name. */
  readonly extensions: Readonly<Record<string, Extension>>;
  /** What to load for MIME types that are not known here; missing: nothing. */
  readonly renderers?: readonly MimeExtension[];
  /** Whether HTML and JavaScript outputs run; missing: they do. An app's author may not want it. */
  readonly scripts?: boolean;
  /** Sends a `comm_msg` to the kernel, now or when the session is live. Returns the message's id. */
  sendComm(commId: string, data: Record<string, unknown>, buffers?: BufferSource[]): string;
  /** Opens the live session without waiting for the visitor to do anything. */
  open(): void;
  /** Answers the open `input_request`. */
  answer(value: string): void;
  /** The widgets of the session; the first call loads their code. */
  widgets(): Promise<Widgets>;
  /** Puts the style sheet into every root (document, shadow root) in which the session shows anything; once for a text. */
  style(css: string): void;
  /** Reports a failure of ours (a chunk that does not load, a renderer that throws) as `stagedoor-error`. */
  report(code: string, message: string, error?: unknown): void;
}

/** The outputs of one cell or of one output widget: a model that can be shown at several places. */
export interface Outputs {
  /** `stream`, `display_data`, `update_display_data`, `execute_result`, `error`, `clear_output`, `input_request`; others are ignored. */
  handle(message: Message): void;
  /** Replaces everything by outputs in notebook format (`output_type` ...). */
  load(outputs: readonly Record<string, unknown>[]): void;
  /** Empties it, as a `stagedoor_render` wants. */
  clear(): void;
  /** The prompt of an `input_request` that is shown has been answered elsewhere or has become void. */
  closePrompt(): void;
  /** Shows the outputs in `host` and keeps them up to date; the function returned takes them away again. Resolves when what is there has been drawn. */
  show(host: HTMLElement): { ready: Promise<void>; remove: () => void };
}

/** The widget models of one session. */
export interface Widgets {
  /** `comm_open`, `comm_msg`, `comm_close`; messages are handled strictly in order. */
  handle(message: Message): void;
  /** A `status` message: tells the widget that waits for the answer to its message. */
  status(message: Message): void;
  /** The outputs of the output widget that now captures the outputs of this parent, if one does. Settled: waits until comm messages handled so far are done. */
  capturing(parentId: string): Promise<Outputs | undefined>;
  /** Applies an `update_display_data` to all output widgets. */
  updateDisplay(message: Message): void;
  /** Shows the widget's view in `host`; the function returned removes it. Rejects when there is no such model. */
  show(modelId: string, host: HTMLElement): Promise<() => void>;
  /** Closes every model and view. */
  dispose(): void;
}
