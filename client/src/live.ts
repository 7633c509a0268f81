/** The live connection: a websocket that comes back when it is lost, and messages that are kept until the gateway has them. */
import { backoff } from "./pause.ts";
import type { Message } from "./stage.ts";
import { decode, encode, type PageMessage, SUBPROTOCOL } from "./wire.ts";

/** Close codes of the page: 1000 ends the session at once, any other keeps it for a while (docs/protocol.md). */
const LEFT = 1000;
const BACK_SOON = 3000;

const CONNECT_LIMIT_MS = 10_000;
const LONGEST_WAIT_MS = 5_000;
/** How often the first connection is tried before the visitor is told that there is none. */
const FIRST_ATTEMPTS = 6;

/** The content of a `stagedoor_session`. */
export interface SessionNews {
  state: "starting" | "live" | "ended" | "failed";
  session: string;
  received: number;
  code: string;
  message: string;
  id: string;
}

/** Who is told what comes. */
export interface LiveListener {
  /** A message of the kernel, or a `stagedoor_render`. */
  message(message: Message): void;
  /** How the session is. After `ended` and `failed` nothing more comes. */
  news(news: SessionNews): void;
  /** The connection was lost (or, when there has been no session yet, not had); it is being tried again. */
  lost(hadSession: boolean): void;
  /** No connection could be had. */
  unreachable(): void;
  /** The gateway sends what cannot be read. */
  garbled(error: unknown): void;
}

/** The connection of one session. */
export class Live {
  readonly #address: URL;
  readonly #listener: LiveListener;
  #socket?: WebSocket;
  /** A session is wanted, not just a connection that is ready for one. */
  #wanted = false;
  /** Nothing is sent until `again`, or ever. */
  #halted = false;
  #closed = false;
  /** The secret by which the session is resumed. */
  #secret = "";
  /** The session whose `stagedoor_render` the page has carried out. */
  #rendered = "";
  /** Frames that came in this session, all but `stagedoor_session`. */
  #received = 0;
  /** The page's messages that no kernel is known to have, and the count of those before them in this session. */
  #outbox: { id: string; frame: Uint8Array<ArrayBuffer> }[] = [];
  #done = 0;
  /** The messages of the outbox have been sent over the present socket. */
  #flushed = false;
  #attempt = 0;
  #retry?: ReturnType<typeof setTimeout>;

  constructor(address: URL, listener: LiveListener) {
    this.#address = new URL(address);
    this.#address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.#listener = listener;
    addEventListener("online", this.#online);
    document.addEventListener("visibilitychange", this.#visible);
  }

  /** Whether there are messages that no kernel is known to have. */
  get holds(): boolean {
    return this.#outbox.length > 0;
  }

  /** Connects, so that the first message need not wait for it. Costs no kernel. */
  connect(): void {
    if (this.#socket || this.#halted || this.#retry !== undefined) return;
    const socket = new WebSocket(this.#address, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    const limit = setTimeout(() => this.#socket === socket && this.#drop(), CONNECT_LIMIT_MS);
    socket.onopen = () => {
      clearTimeout(limit);
      this.#greet(socket);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => {
      clearTimeout(limit);
      this.#disconnected();
    };
  }

  /** Asks for a session. */
  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#greet(this.#socket);
    else this.connect();
  }

  /** Sends a message, when there is a session; it is kept until a kernel has it. */
  send(message: PageMessage): void {
    if (this.#closed) return;
    const frame = encode(message);
    this.#outbox.push({ id: message.msgId, frame });
    if (this.#flushed) this.#socket!.send(frame);
  }

  /** Tries once more, with all that has not been done yet, after no session could be had. */
  again(): void {
    this.#halted = this.#closed;
    this.#attempt = 0;
    this.connect();
  }

  /** The page is put aside, perhaps to be shown again (`pagehide`, the back/forward cache): the session is kept. */
  suspend(): void {
    this.#abandon(BACK_SOON);
  }

  /** The page is shown again: goes on with the session. */
  resume(): void {
    if (this.#wanted && !this.#halted) this.connect();
  }

  /** Ends the session. */
  close(): void {
    this.#closed = this.#halted = true;
    this.#outbox = [];
    removeEventListener("online", this.#online);
    document.removeEventListener("visibilitychange", this.#visible);
    this.#abandon(LEFT);
  }

  /** The page shows what a `stagedoor_render` has told it to: from now on its messages are about that. */
  rendered(): void {
    this.#rendered = this.#secret;
    if (this.#secret && this.#socket?.readyState === WebSocket.OPEN)
      this.#control(this.#socket, "stagedoor_rendered", {});
  }

  #greet(socket: WebSocket): void {
    if (this.#secret) {
      this.#control(socket, "stagedoor_resume", { session: this.#secret, received: this.#received });
      if (this.#rendered === this.#secret) this.#control(socket, "stagedoor_rendered", {});
    } else if (this.#wanted) {
      this.#done = this.#received = 0;
      this.#control(socket, "stagedoor_open", {});
      this.#flush(0);
    }
  }

  #control(socket: WebSocket, msgType: string, content: Record<string, unknown>): void {
    socket.send(encode({ channel: "control", msgId: msgType, msgType, content }));
  }

  #flush(from: number): void {
    this.#flushed = true;
    for (const { frame } of this.#outbox.slice(from)) this.#socket!.send(frame);
  }

  #receive(data: unknown): void {
    let message: Message;
    try {
      message = decode(data as ArrayBuffer);
    } catch (error) {
      this.close();
      return this.#listener.garbled(error);
    }
    if (message.header.msg_type === "stagedoor_session") return this.#hear(message.content as SessionNews);
    this.#received += 1;
    if (message.header.msg_type === "status" && message.content.execution_state === "idle") {
      this.#forget(this.#outbox.findIndex(({ id }) => id === message.parent_header.msg_id) + 1);
    }
    this.#listener.message(message);
  }

  #hear(news: SessionNews): void {
    this.#attempt = 0;
    if (news.state === "ended") {
      this.close();
    } else if (news.state === "failed") {
      this.#halted = true;
      this.#secret = "";
      this.#abandon(LEFT);
    } else {
      this.#secret = news.session;
      const known = Math.max(0, news.received - this.#done);
      if (!this.#flushed) this.#flush(known);
      // While the session starts, the gateway may have them in vain: after `failed` another session gets them.
      if (news.state === "live") this.#forget(known);
    }
    this.#listener.news(news);
  }

  /** The oldest messages of the outbox have reached a kernel. */
  #forget(count: number): void {
    this.#done += this.#outbox.splice(0, count).length;
  }

  #disconnected(): void {
    this.#socket = undefined;
    this.#flushed = false;
    if (!this.#wanted) return; // nobody has missed it; the next intent connects again
    if (!this.#secret && this.#attempt >= FIRST_ATTEMPTS) {
      this.#halted = true;
      return this.#listener.unreachable();
    }
    this.#retry = setTimeout(() => this.#reconnect(), backoff(this.#attempt++, 200, LONGEST_WAIT_MS));
    this.#listener.lost(this.#secret !== "");
  }

  #reconnect(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.connect();
  }

  /** Closes the socket as if the network had, and tries again. */
  #drop(): void {
    if (!this.#socket) return;
    this.#abandon(BACK_SOON);
    this.#disconnected();
  }

  /** Lets go of the socket, and of the plan to get another one. */
  #abandon(code: number): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#flushed = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  /** A network that was away has often taken the connection with it without a word. */
  #online = (): void => {
    if (this.#retry !== undefined) this.#reconnect();
    else if (this.#secret) this.#drop();
  };

  #visible = (): void => {
    if (document.visibilityState === "visible" && this.#retry !== undefined) this.#reconnect();
  };
}
