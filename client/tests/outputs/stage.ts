import { vi } from "vitest";
import { createOutputs } from "../../src/outputs/index.ts";
import type { Message, Outputs, Stage, Widgets } from "../../src/stage.ts";

/** A session that does nothing but note what is asked of it. */
export function fakeStage(changes: Partial<Stage> = {}) {
  return {
    base: new URL("https://live.example.org/"),
    assets: {},
    extensions: {},
    sendComm: vi.fn(() => "m-1"),
    open: vi.fn(),
    answer: vi.fn<(value: string) => void>(),
    widgets: vi.fn<() => Promise<Widgets>>(() => Promise.reject(new Error("no widgets here"))),
    style: vi.fn<(css: string) => void>(),
    report: vi.fn<Stage["report"]>(),
    ...changes,
  };
}

/** Outputs shown on a page, with short words for messages. */
export function play(stage: Stage = fakeStage()) {
  const outputs = createOutputs(stage);
  const host = document.body.appendChild(document.createElement("div"));
  const view = outputs.show(host);
  const send = (msg_type: string, content: unknown) => outputs.handle(message(msg_type, content));
  return {
    outputs,
    host,
    view,
    send,
    print: (text: string, name = "stdout") => send("stream", { name, text }),
    display: (data: Record<string, unknown>, displayId?: string, metadata = {}) =>
      send("display_data", { data, metadata, transient: displayId ? { display_id: displayId } : {} }),
    update: (data: Record<string, unknown>, displayId: string) =>
      send("update_display_data", { data, metadata: {}, transient: { display_id: displayId } }),
    /** Resolves when what is there has been drawn. */
    drawn: () => drawn(outputs),
    all: (selector: string) => [...host.querySelectorAll<HTMLElement>(selector)],
    /** The texts of the outputs that are in sight. */
    seen: () =>
      [...host.querySelectorAll(".stagedoor-output")]
        .filter((output) => !output.closest(".stagedoor-next"))
        .map((output) => output.textContent),
    text: () => [...host.querySelectorAll(".stagedoor-output")].map((output) => output.textContent),
  };
}

export function message(msg_type: string, content: unknown): Message {
  const header = { msg_id: "k-1", msg_type };
  return { channel: "iopub", header, parent_header: { msg_id: "cell-0" }, metadata: {}, content, buffers: [] };
}

/** A second view of the same outputs is ready no sooner than their renderers are here. */
async function drawn(outputs: Outputs): Promise<void> {
  const { ready, remove } = outputs.show(document.body.appendChild(document.createElement("div")));
  await ready;
  remove();
}
