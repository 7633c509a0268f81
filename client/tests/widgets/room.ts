import { vi } from "vitest";
import { createOutputs } from "../../src/outputs/index.ts";
import type { Message, Stage } from "../../src/stage.ts";
import { createWidgets } from "../../src/widgets/index.ts";

type State = Record<string, unknown>;

/** A comm message of the kernel, in answer to `parent`. */
export function message(msg_type: string, content: unknown, buffers: DataView[] = [], parent = "cell-0"): Message {
  const header = { msg_id: "k-1", msg_type };
  return { channel: "iopub", header, parent_header: { msg_id: parent }, metadata: {}, content, buffers };
}

/** The state that says of which class a model of `@jupyter-widgets/controls` is. */
export function core(name: string, state: State = {}, module = "@jupyter-widgets/controls"): State {
  const version = "2.0.0";
  return {
    _model_module: module,
    _model_name: `${name}Model`,
    _model_module_version: version,
    _view_module: module,
    _view_name: `${name}View`,
    _view_module_version: version,
    ...state,
  };
}

/** The widgets of a session whose kernel is played by the test. */
export function room(extensions: Stage["extensions"] = {}) {
  const sent: { id: string; commId: string; data: Record<string, unknown>; buffers?: BufferSource[] }[] = [];
  const stage = {
    base: new URL("https://live.example.org/"),
    assets: {},
    extensions,
    sendComm: vi.fn<Stage["sendComm"]>((commId, data, buffers) => {
      const id = `p-${sent.length}`;
      sent.push({ id, commId, data, buffers });
      return id;
    }),
    open: vi.fn(),
    answer: vi.fn(),
    widgets: vi.fn(),
    style: vi.fn<Stage["style"]>(),
    report: vi.fn<Stage["report"]>(),
  };
  const widgets = createWidgets(stage, createOutputs);
  return {
    widgets,
    stage,
    sent,
    open(comm_id: string, state: State, buffers: DataView[] = [], buffer_paths: unknown[] = []) {
      const content = { comm_id, target_name: "jupyter.widget", data: { state, buffer_paths } };
      widgets.handle(message("comm_open", content, buffers));
    },
    update(comm_id: string, state: State, parent?: string, method = "update") {
      widgets.handle(message("comm_msg", { comm_id, data: { method, state, buffer_paths: [] } }, [], parent));
    },
    custom(comm_id: string, content: unknown, buffers?: DataView[]) {
      widgets.handle(message("comm_msg", { comm_id, data: { method: "custom", content } }, buffers));
    },
    close(comm_id: string) {
      widgets.handle(message("comm_close", { comm_id, data: {} }));
    },
    status(parent: string, execution_state = "idle") {
      widgets.status(message("status", { execution_state }, [], parent));
    },
    /** Shows a model at a new place of the page. */
    async show(modelId: string) {
      const host = document.body.appendChild(document.createElement("div"));
      const hide = await widgets.show(modelId, host);
      return { host, hide, all: (selector: string) => [...host.querySelectorAll<HTMLElement>(selector)] };
    },
    /** Resolves when all messages handled so far are done. */
    settled: () => widgets.capturing("none"),
  };
}
