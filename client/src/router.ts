/** Where messages go: the outputs of cells, the widgets, the output widgets that capture (docs/protocol.md, "Where an output goes"). */
import { createOutputs } from "./outputs/index.ts";
import type { Cell, Message, Outputs, Stage, Widgets } from "./stage.ts";

/** How long outputs that are replaced are waited for, and widgets that are replaced are kept for them. */
const REPLACE_MS = 300;
const REDRAW_MS = 2 * REPLACE_MS;

const CLEAR_AT_NEXT = { header: { msg_id: "", msg_type: "clear_output" }, content: { wait: true } };

/** A cell with what it shows. */
export interface ShownCell extends Cell {
  outputs: Outputs;
}

/** What the router tells its session, at the message's turn. */
export interface RouterListener {
  /** The kernel has begun (`busy`) or ended (`idle`) what this message or cell asked for. */
  status(parentId: string, state: string): void;
  /** Everything is being drawn anew; the cells may be others. */
  renewed(): void;
  /** What there is to load for what follows. */
  offered(offers: Partial<Pick<Stage, "assets" | "extensions">>): void;
}

/** Takes messages strictly in order; one that has nothing to wait for is done within the call. */
export class Router {
  readonly #stage: Stage;
  readonly #listener: RouterListener;
  readonly #queue: Message[] = [];
  #waiting = false;
  #cells: readonly ShownCell[] = [];
  /** The cell in which each comm was opened, as an index. */
  #commCells = new Map<string, number>();
  /** The `msg_id` of each output widget: it captures the outputs of this parent. */
  #captures = new Map<string, string>();
  /** Outputs to be replaced by those that follow a `stagedoor_render`: until they come, the old ones stay in sight. */
  #replaced = new Set<Outputs>();
  #prompt?: { outputs: Outputs; parentId: string };
  #widgets?: Promise<Widgets>;
  #loadedWidgets?: Widgets;
  /** What the widgets have to be told when their code is there. */
  #untold: Message[] = [];

  constructor(stage: Stage, listener: RouterListener) {
    this.#stage = stage;
    this.#listener = listener;
  }

  get cells(): readonly ShownCell[] {
    return this.#cells;
  }

  /** The widgets; the first call loads their code, and one after a failure tries again. */
  widgets(): Promise<Widgets> {
    return (this.#widgets ??= this.#loadWidgets());
  }

  /** Shows a recording, or what replaces one: the messages are the folded state of the app. */
  show(cells: readonly Cell[], messages: readonly Message[]): void {
    this.#renew(cells);
    for (const message of messages) {
      const type = message.header.msg_type;
      if (type === "comm_open") this.#open(message);
      else if (type === "comm_msg") this.#store(message);
      else if (type === "input_request") this.#ask(message);
      else this.#put(this.#cellOf(message.parent_header.msg_id)?.outputs, message);
    }
    this.#emptyReplaced();
  }

  /** A message of the live session. */
  route(message: Message): void {
    this.#queue.push(message);
    if (!this.#waiting) void this.#work();
  }

  /** The index of the cell in which the comm was opened. */
  cellIndexOf(commId: string): number {
    return this.#commCells.get(commId) ?? this.#cells.length - 1;
  }

  /** The visitor has answered the prompt. */
  answered(): void {
    this.#prompt = undefined;
  }

  /** Nobody waits for an answer any more. */
  closePrompt(): void {
    this.#prompt?.outputs.closePrompt();
    this.#prompt = undefined;
  }

  dispose(): void {
    this.#queue.length = 0;
    for (const { outputs } of this.#cells) outputs.clear();
    this.#cells = [];
    this.#loadedWidgets?.dispose();
    this.#forgetWidgets();
  }

  async #work(): Promise<void> {
    this.#waiting = true;
    for (let message = this.#queue.shift(); message; message = this.#queue.shift()) {
      try {
        const done = this.#handle(message);
        if (done) await done;
      } catch (error) {
        this.#stage.report("message_failed", "Something that the app sent could not be shown.", error);
      }
    }
    this.#waiting = false;
  }

  #handle(message: Message): Promise<void> | void {
    const { header, parent_header, content } = message;
    const parentId = parent_header.msg_id ?? "";
    switch (header.msg_type) {
      case "comm_open":
        return this.#open(message);
      case "comm_msg":
        this.#noteCapture(content.comm_id, content.data?.state);
        return this.#tellWidgets(message);
      case "comm_close":
        this.#commCells.delete(content.comm_id);
        this.#captures.delete(content.comm_id);
        return this.#tellWidgets(message);
      case "status":
        if (content.execution_state === "idle" && this.#prompt?.parentId === parentId) this.closePrompt();
        if (this.#loadedWidgets) this.#tellWidgets(message);
        return this.#listener.status(parentId, content.execution_state);
      case "update_display_data":
        for (const { outputs } of this.#cells) outputs.handle(message);
        if (this.#captures.size) this.#tellWidgets(message);
        return;
      case "input_request":
        return this.#ask(message);
      case "stagedoor_render":
        return this.#render(content.cells, content.scope);
      case "stagedoor_offers":
        return this.#listener.offered(content);
      default:
        return this.#output(message, parentId);
    }
  }

  #output(message: Message, parentId: string): Promise<void> | void {
    const cell = this.#cellOf(parentId)?.outputs;
    if (!this.#isCaptured(parentId)) return this.#put(cell, message);
    return this.widgets()
      .then((widgets) => widgets.capturing(parentId))
      .then((outputs) => this.#put(outputs ?? cell, message));
  }

  #put(outputs: Outputs | undefined, message: Message): void {
    if (!outputs) return;
    if (this.#replaced.delete(outputs)) outputs.handle({ ...message, ...CLEAR_AT_NEXT });
    outputs.handle(message);
  }

  #isCaptured(parentId: string): boolean {
    if (parentId) for (const captured of this.#captures.values()) if (captured === parentId) return true;
    return false;
  }

  #open(message: Message): void {
    const { comm_id, data } = message.content;
    this.#commCells.set(comm_id, this.#indexOf(message.parent_header.msg_id));
    if (data?.state?._model_name === "OutputModel") this.#captures.set(comm_id, data.state.msg_id ?? "");
    this.#store(message);
  }

  /** What the widgets have to know when there are any. */
  #store(message: Message): void {
    if (this.#loadedWidgets) this.#loadedWidgets.handle(message);
    else this.#untold.push(message);
  }

  #noteCapture(commId: string, state: Record<string, unknown> | undefined): void {
    if (typeof state?.msg_id === "string" && this.#captures.has(commId)) this.#captures.set(commId, state.msg_id);
  }

  #ask(message: Message): void {
    this.closePrompt();
    const parentId = message.parent_header.msg_id ?? "";
    const outputs = this.#cellOf(parentId)?.outputs;
    if (!outputs) return;
    this.#prompt = { outputs, parentId };
    outputs.handle(message);
  }

  #render(cells: Cell[], scope: "all" | string[]): void {
    if (scope === "all") {
      this.#renew(cells);
      return this.#listener.renewed();
    }
    this.#replace(this.#cells.filter(({ id }) => scope.includes(id)).map(({ outputs }) => outputs));
  }

  #replace(outputs: Iterable<Outputs>): void {
    this.#replaced = new Set([...this.#replaced, ...outputs]);
    setTimeout(() => this.#emptyReplaced(), REPLACE_MS);
  }

  /** What has nothing to replace it is empty now. */
  #emptyReplaced(): void {
    for (const outputs of this.#replaced) outputs.clear();
    this.#replaced.clear();
  }

  /** Empties everything. Cells that there were before keep their outputs' place on the page. */
  #renew(cells: readonly Cell[]): void {
    this.closePrompt();
    this.#commCells.clear();
    this.#captures.clear();
    const kept = new Map(this.#cells.map(({ id, outputs }) => [id, outputs]));
    this.#cells = cells.map(({ name, id }) => ({ name, id, outputs: kept.get(id) ?? createOutputs(this.#stage) }));
    this.#replace(kept.values());
    // Outputs stay in sight until those that replace them are drawn, and so must the widgets in them.
    const old = this.#loadedWidgets;
    if (old) setTimeout(() => old.dispose(), REDRAW_MS);
    this.#forgetWidgets();
  }

  #cellOf(parentId: string | undefined): ShownCell | undefined {
    return this.#cells[this.#indexOf(parentId)];
  }

  /** The cell with this id, or that of a message of the page (`messageId`), or the last. */
  #indexOf(parentId = ""): number {
    const index = this.#cells.findIndex(({ id }) => id === parentId);
    if (index >= 0) return index;
    const last = this.#cells.length - 1;
    return Math.min(cellOfMessage(parentId) ?? last, last);
  }

  #tellWidgets(message: Message): void {
    if (this.#loadedWidgets) return tell(this.#loadedWidgets, message);
    this.#untold.push(message);
    this.widgets().catch(() => {}); // reported where it failed; what is untold is told by the next that succeeds
  }

  async #loadWidgets(): Promise<Widgets> {
    let module: typeof import("./widgets/index.ts");
    const own = (this.#untold = [...this.#untold]);
    try {
      module = await import("./widgets/index.ts");
    } catch (error) {
      if (own === this.#untold) this.#widgets = undefined;
      this.#stage.report("not_loaded", "The controls of this app could not be loaded.", error);
      throw error;
    }
    if (own !== this.#untold) return this.widgets(); // everything has been drawn anew meanwhile
    const widgets = module.createWidgets(this.#stage, createOutputs);
    this.#loadedWidgets = widgets;
    for (const message of own.splice(0)) tell(widgets, message);
    return widgets;
  }

  #forgetWidgets(): void {
    this.#loadedWidgets = this.#widgets = undefined;
    this.#untold = [];
  }
}

function tell(widgets: Widgets, message: Message): void {
  const type = message.header.msg_type;
  if (type === "status") widgets.status(message);
  else if (type === "update_display_data") widgets.updateDisplay(message);
  else widgets.handle(message);
}

/** The id of a message of the page: from it follows the cell to which its outputs belong, for however long they come. */
export function messageId(count: number, cell: number): string {
  return `p${count}c${Math.max(cell, 0)}`;
}

function cellOfMessage(id: string): number | undefined {
  const found = /^p\d+c(\d+)$/.exec(id);
  return found ? Number(found[1]) : undefined;
}
