/** Widgets that are but buttons: what a session asks of them is noted, and a click sends their model's id. */
import type { Message, Outputs, Stage, Widgets } from "../../src/stage.ts";

/** All that were made, the newest last. */
export const rooms: FakeWidgets[] = [];
/** Holds back the answer of `capturing` until it is called. */
export const gate: { wait?: Promise<void> } = {};

export class FakeWidgets implements Widgets {
  readonly handled: string[] = [];
  readonly idle: string[] = [];
  /** The extensions that there were when a message was handled. */
  readonly extensions: Record<string, string[]> = {};
  readonly captured: Outputs;
  readonly #captures = new Map<string, string>();
  disposed = false;

  constructor(
    readonly stage: Stage,
    createOutputs: (stage: Stage) => Outputs,
  ) {
    this.captured = createOutputs(stage);
    rooms.push(this);
  }

  handle({ header, content }: Message): void {
    const what = `${header.msg_type} ${content.comm_id}`;
    this.handled.push(what);
    this.extensions[what] = Object.keys(this.stage.extensions);
    if (content.data?.state?.msg_id !== undefined) this.#captures.set(content.comm_id, content.data.state.msg_id);
  }

  status({ parent_header, content }: Message): void {
    if (content.execution_state === "idle") this.idle.push(parent_header.msg_id!);
  }

  async capturing(parentId: string): Promise<Outputs | undefined> {
    await gate.wait;
    return [...this.#captures.values()].includes(parentId) ? this.captured : undefined;
  }

  updateDisplay(message: Message): void {
    this.captured.handle(message);
  }

  async show(modelId: string, host: HTMLElement): Promise<() => void> {
    const button = host.appendChild(document.createElement("button"));
    button.textContent = modelId;
    button.onclick = () => this.stage.sendComm(modelId, { method: "custom", content: modelId });
    return () => button.remove();
  }

  dispose(): void {
    this.disposed = true;
  }
}

export const createWidgets = (stage: Stage, createOutputs: (stage: Stage) => Outputs) =>
  new FakeWidgets(stage, createOutputs);
