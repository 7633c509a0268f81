/** A gateway as docs/protocol.md has it, whose kernel does as each test says. */
import { vi } from "vitest";
import type { Message } from "../../src/stage.ts";
import { decode, join } from "../../src/wire.ts";

export const BASE = "https://live.example.org/prefix/";

type Json = Record<string, unknown>;

interface Sent {
  channel?: string;
  parent?: string;
  buffers?: BufferSource[];
}

/** A message of the kernel, short. */
export function say(msg_type: string, content: Json, { channel = "iopub", parent = "cell-0" }: Sent = {}) {
  return { channel, header: { msg_id: "", msg_type }, parent_header: { msg_id: parent }, metadata: {}, content };
}

export function print(text: string, parent?: string) {
  return say("stream", { name: "stdout", text }, { parent });
}

export function open(comm_id: string, state: Json = {}, parent?: string) {
  const data = { state: { _model_name: "ButtonModel", ...state }, buffer_paths: [] };
  return say("comm_open", { comm_id, target_name: "jupyter.widget", data }, { parent });
}

/** An output of a cell that shows the widget. */
export function view(model_id: string, parent?: string) {
  const data = { "application/vnd.jupyter.widget-view+json": { model_id } };
  return say("display_data", { data, metadata: {}, transient: {} }, { parent });
}

export function recordingOf(messages: Json[], cells = ["one", "two"], more: Json = {}) {
  const about = { format: 1, app: "demo", title: "Demo", generation: "g1", assets: {} };
  const named = cells.map((name, index) => ({ name, id: `cell-${index}` }));
  return join([json({ ...about, cells: named, messages, shared: [], ...more })]);
}

export class FakeSession {
  readonly secret = `secret-${Math.random()}`;
  received = 0;
  live = false;
  /** What the page has asked the kernel to do. */
  readonly asked: Message[] = [];
  readonly #frames: ArrayBuffer[] = [];
  socket?: FakeSocket;

  constructor(readonly gateway: FakeGateway) {}

  emit(message: ReturnType<typeof say>): void {
    const frame = frameOf(message);
    this.#frames.push(frame);
    this.socket?.deliver(frame);
  }

  announce(state: string, more: Json = {}): void {
    const content = { state, session: this.secret, received: this.received, code: "", message: "", id: "x1", ...more };
    this.socket?.deliver(frameOf(say("stagedoor_session", content, { parent: "" })));
  }

  goLive(): void {
    this.live = true;
    this.announce("live");
    for (const message of this.asked) this.gateway.kernel(message, this);
  }

  take(message: Message): void {
    this.received += 1;
    this.asked.push(message);
    if (this.live) this.gateway.kernel(message, this);
  }

  resume(socket: FakeSocket, received: number): void {
    this.socket = socket;
    this.announce(this.live ? "live" : "starting");
    for (const frame of this.#frames.slice(received)) socket.deliver(frame);
  }

  /** Says `busy`, does this, says `idle`. */
  work(message: Message, does: () => void): void {
    const parent = message.header.msg_id;
    this.emit(say("status", { execution_state: "busy" }, { parent }));
    does();
    this.emit(say("status", { execution_state: "idle" }, { parent }));
  }
}

export class FakeGateway {
  /** What the next requests for a recording get; the last for all that come after. */
  answers: (() => Response | Promise<Response>)[];
  requests: URL[] = [];
  sockets: FakeSocket[] = [];
  sessions: FakeSession[] = [];
  /** Sessions become live by themselves. */
  quick = true;
  /** Connections can be had. */
  reachable = true;
  kernel: (message: Message, session: FakeSession) => void = (message, session) => session.work(message, () => {});

  constructor(recording = recordingOf([])) {
    this.answers = [() => new Response(recording)];
    vi.stubGlobal("fetch", (url: URL) => {
      this.requests.push(url);
      return Promise.resolve((this.answers.length > 1 ? this.answers.shift()! : this.answers[0])());
    });
    vi.stubGlobal("WebSocket", boundTo(this));
  }

  get session(): FakeSession {
    return this.sessions.at(-1)!;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** The ids and data of what the kernel of the newest session has been asked. */
  get asked(): string[] {
    return this.session.asked.map(({ content }) => content.data?.content ?? content.value);
  }

  handle(socket: FakeSocket, message: Message): void {
    const { content, header } = message;
    if (header.msg_type === "stagedoor_resume") {
      const session = this.sessions.find(({ secret }) => secret === content.session);
      if (session) session.resume(socket, content.received);
      else {
        const gone = {
          state: "ended",
          session: "",
          received: 0,
          code: "unknown_session",
          message: "Too late.",
          id: "",
        };
        socket.deliver(frameOf(say("stagedoor_session", gone)));
        socket.drop();
      }
      return;
    }
    let session = this.sessions.find((one) => one.socket === socket);
    if (!session) {
      session = new FakeSession(this);
      session.socket = socket;
      this.sessions.push(session);
      session.announce("starting");
      if (this.quick) setTimeout(() => session!.goLive());
    }
    if (header.msg_type !== "stagedoor_open") session.take(message);
  }

  /** Forgets all sessions, as when their time has run out. */
  forget(): void {
    this.sessions = [];
  }
}

/** One websocket of the page. Frames arrive in turns of their own, in order. */
export class FakeSocket {
  static readonly OPEN = 1;
  readyState = 0;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  /** The code with which the page has closed it. */
  closedWith?: number;
  /** The page's frames are lost on their way from now on. */
  deaf = false;

  constructor(
    readonly url: URL,
    readonly protocol: string,
    readonly gateway: FakeGateway,
  ) {
    gateway.sockets.push(this);
    setTimeout(() => {
      if (this.readyState) return;
      if (!gateway.reachable) return this.drop();
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== 1) throw new Error("not open");
    const message = decode(frame.slice().buffer);
    if (!this.deaf) setTimeout(() => this.readyState === 1 && this.gateway.handle(this, message));
  }

  deliver(frame: ArrayBuffer): void {
    setTimeout(() => this.readyState === 1 && this.onmessage?.({ data: frame }));
  }

  close(code: number): void {
    this.closedWith = code;
    this.drop();
  }

  /** The connection is lost. */
  drop(): void {
    setTimeout(() => {
      if (this.readyState === 3) return;
      this.readyState = 3;
      for (const session of this.gateway.sessions) if (session.socket === this) session.socket = undefined;
      this.onclose?.();
    });
  }
}

function boundTo(gateway: FakeGateway) {
  return class extends FakeSocket {
    constructor(url: URL, protocol: string) {
      super(url, protocol, gateway);
    }
  };
}

function frameOf(message: ReturnType<typeof say>): ArrayBuffer {
  const { channel, header, parent_header, metadata, content } = message;
  const parts = [new TextEncoder().encode(channel), ...[header, parent_header, metadata, content].map(json)];
  return join(parts).buffer;
}

export function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Waits until the assertions hold. */
export function soon(assertions: () => void): Promise<void> {
  return vi.waitFor(assertions, { interval: 5, timeout: 5_000 });
}
