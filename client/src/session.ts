/** A visitor's session with one app: the recording first, then live, and live again after whatever happens to the connection. */
import { Live, type LiveListener, type SessionNews } from "./live.ts";
import { Problem, type Trouble } from "./problem.ts";
import { fetchRecording } from "./recording.ts";
import { messageId, Router, type ShownCell } from "./router.ts";
import { wear } from "./sheets.ts";
import type { Stage, Widgets } from "./stage.ts";

/** What the attribute `state` of an element says. */
export type State = "loading" | "recorded" | "connecting" | "live" | "busy" | "reconnecting" | "ended" | "failed";

export interface Status {
  state: State;
  /** A sentence for the visitor; empty when there is nothing to say. */
  message: string;
  /** What has led to `ended` or `failed`. */
  code: string;
  id: string;
}

/** Gives an embed token (docs/tokens.md). */
export type TokenProvider = () => string | Promise<string>;

/** Which app of which gateway, and how it is asked for. */
export interface Address {
  /** The gateway's root, ending in `/`. */
  base: URL;
  app: string;
  token: string | TokenProvider;
  /** The element's `param-…` attributes, under their full names. */
  params: Readonly<Record<string, string>>;
}

/** An element that shows (a part of) the session. */
export interface Viewer {
  readonly root: Document | ShadowRoot;
  /** The status or the cells have changed. */
  update(): void;
  /** Something of ours has failed. */
  troubled(trouble: Trouble): void;
}

/** How long the kernel may work on something before the page calls it busy: quick answers must not flicker. */
const BUSY_AFTER_MS = 250;

/** Refusals after which another token may do. */
const RENEWABLE: ReadonlySet<string> = new Set(["token_expired", "token_used"]);

const sessions = new Map<string, Session>();
const providers = new WeakMap<TokenProvider, number>();
let providersKnown = 0;

/** The session of this address, which all elements of the page share; it ends when its last viewer leaves. */
export function join(address: Address, viewer: Viewer): Session {
  const { base, app, token, params } = address;
  const key = JSON.stringify([base.href, app, numbered(token), Object.entries(params).sort()]);
  const session = sessions.get(key) ?? new Session(address, () => sessions.delete(key));
  sessions.set(key, session);
  session.join(viewer);
  return session;
}

/** Elements whose tokens come from the same function share a session. */
function numbered(token: string | TokenProvider): string | number {
  if (typeof token === "string") return token;
  if (!providers.has(token)) providers.set(token, ++providersKnown);
  return providers.get(token)!;
}

export class Session implements Stage, LiveListener {
  readonly #address: Address;
  readonly #forget: () => void;
  readonly #viewers = new Set<Viewer>();
  readonly #styles = new Set<string>();
  readonly #router: Router;
  /** Aborted when what is being loaded is not wanted any more. */
  #loading = new AbortController();
  #live?: Live;
  #status: Status = { state: "loading", message: "", code: "", id: "" };
  #assets: Stage["assets"] = {};
  #extensions: Stage["extensions"] = {};
  #renderers: Stage["renderers"] = [];
  #scripts = true;
  #token = "";
  /** The token has been renewed, and has opened nothing since. */
  #renewed = false;
  #liveWanted = false;
  /** The visitor has been at an element since the recording is shown; what widgets send before that is of their own accord. */
  #touched = false;
  #sent = 0;
  /** Messages and cells that the kernel is not through with. */
  readonly #unfinished = new Set<string>();
  #busyTimer?: ReturnType<typeof setTimeout>;

  constructor(address: Address, forget: () => void) {
    this.#address = address;
    this.#forget = forget;
    this.#router = new Router(this, {
      status: (parentId, state) => this.#track(parentId, state),
      renewed: () => {
        this.#live?.rendered();
        this.#unfinished.clear();
        this.#changed();
      },
      offered: ({ assets, extensions }) => {
        this.#assets = { ...this.#assets, ...assets };
        this.#extensions = { ...this.#extensions, ...extensions };
      },
    });
    addEventListener("pagehide", this.#pageHidden);
    addEventListener("pageshow", this.#pageShown);
    void this.#load("");
  }

  // -- for elements -----------------------------------------------------------------------------------------------------

  get status(): Readonly<Status> {
    return this.#status;
  }

  get cells(): readonly ShownCell[] {
    return this.#router.cells;
  }

  get app(): string {
    return this.#address.app;
  }

  join(viewer: Viewer): void {
    this.#viewers.add(viewer);
    for (const css of this.#styles) wear(viewer.root, css);
  }

  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#end();
  }

  /** Whether this viewer is the one that speaks for all: one notice, read aloud once. */
  speaksThrough(viewer: Viewer): boolean {
    return this.#viewers.values().next().value === viewer;
  }

  /** Opens the live session without waiting for the visitor to do anything. */
  open(): void {
    this.#liveWanted = true;
    this.#begin();
  }

  /** The visitor is about to do something: connects, so that it costs no time then. */
  expect(): void {
    if (this.#status.state === "recorded") this.#live?.connect();
  }

  /**
   * The visitor's hand is over an element (or, when `firm`, presses something there): from now on, what widgets send is worth a kernel.
   * What they have sent by themselves before, as some do when they are drawn, goes along with it.
   */
  touch(firm: boolean): void {
    this.#touched = true;
    if (firm && this.#live?.holds) this.#begin();
  }

  /** After `failed`: tries again what has failed. After `ended`: starts anew from the recording. */
  again(): void {
    if (this.#status.state === "failed" && this.#live && !this.#status.code.startsWith("token_")) {
      this.#set("connecting");
      this.#live.again();
    } else {
      void this.#load("");
    }
  }

  // -- for outputs and widgets ------------------------------------------------------------------------------------------

  get base(): URL {
    return this.#address.base;
  }

  get assets(): Stage["assets"] {
    return this.#assets;
  }

  get extensions(): Stage["extensions"] {
    return this.#extensions;
  }

  get renderers(): Stage["renderers"] {
    return this.#renderers;
  }

  get scripts(): boolean {
    return this.#scripts;
  }

  sendComm(commId: string, data: Record<string, unknown>, buffers: BufferSource[] = []): string {
    const msgId = messageId(++this.#sent, this.#router.cellIndexOf(commId));
    this.#unfinished.add(msgId);
    this.#live?.send({ channel: "shell", msgId, msgType: "comm_msg", content: { comm_id: commId, data }, buffers });
    if (this.#touched) this.#begin();
    this.#showBusy();
    return msgId;
  }

  answer(value: string): void {
    this.#router.answered();
    const msgId = messageId(++this.#sent, this.cells.length - 1);
    this.#live?.send({ channel: "stdin", msgId, msgType: "input_reply", content: { value, status: "ok" } });
    this.#begin();
  }

  widgets(): Promise<Widgets> {
    return this.#router.widgets();
  }

  style(css: string): void {
    this.#styles.add(css);
    for (const { root } of this.#viewers) wear(root, css);
  }

  report(code: string, message: string, error?: unknown): void {
    console.error(`Stagedoor, app "${this.app}": ${message}`, error ?? "");
    for (const viewer of this.#viewers) viewer.troubled({ code, message, id: "" });
  }

  // -- what the live connection tells -----------------------------------------------------------------------------------

  message(message: Parameters<Router["route"]>[0]): void {
    this.#router.route(message);
  }

  news({ state, code, message, id }: SessionNews): void {
    if (state === "starting") this.#set("connecting", message);
    else if (state === "failed" && this.#renew(code)) {
      this.#liveWanted = true;
      void this.#load("");
    } else if (state === "live") {
      this.#renewed = false;
      this.#set("live");
      this.#showBusy();
    } else if (code === "unknown_session") {
      void this.#load("The connection was away for too long, so the app has started anew.");
    } else {
      this.#router.closePrompt();
      this.#set(state, message, code, id);
    }
  }

  lost(hadSession: boolean): void {
    if (hadSession) this.#set("reconnecting", "The connection is lost. Trying to get it back …");
    else this.#set("connecting", "The connection is not there yet. Trying again …");
  }

  unreachable(): void {
    this.#set("failed", "The app's live part could not be reached.", "unreachable");
  }

  garbled(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#live = undefined;
    this.#set("failed", `The connection carries what this page cannot read: ${reason}`, "bad_frame");
  }

  // -- its life ---------------------------------------------------------------------------------------------------------

  /** Fetches the recording and shows it; `note` says why, when the visitor has not asked for it. */
  async #load(note: string): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    this.#live?.close();
    this.#live = undefined;
    this.#set("loading");
    try {
      const { token } = this.#address;
      this.#token = typeof token === "string" ? token : await token();
      signal.throwIfAborted();
      const preparing = () => this.#set("loading", "The app is getting ready …");
      const recording = await fetchRecording(this.#resource("recording"), signal, preparing);
      this.#assets = recording.assets;
      this.#extensions = recording.extensions;
      this.#renderers = recording.renderers;
      this.#scripts = recording.scripts;
      this.#unfinished.clear();
      this.#live = new Live(this.#resource("live", { generation: recording.generation }), this);
      this.#router.show(recording.cells, recording.messages);
      this.#set("recorded", note);
      this.#touched = false;
      if (this.#liveWanted) this.#begin();
    } catch (error) {
      if (signal.aborted) return;
      const { code, message, id } = error instanceof Problem ? error : unexpected(error);
      if (this.#renew(code)) return void this.#load("");
      this.#set("failed", message, code, id);
    }
  }

  /** Whether another token is worth a try; one that is new and no better is not. */
  #renew(code: string): boolean {
    if (this.#renewed || typeof this.#address.token === "string" || !RENEWABLE.has(code)) return false;
    return (this.#renewed = true);
  }

  #end(): void {
    this.#loading.abort();
    this.#live?.close();
    this.#live = undefined;
    this.#stopBusyTimer();
    removeEventListener("pagehide", this.#pageHidden);
    removeEventListener("pageshow", this.#pageShown);
    this.#router.dispose();
    this.#forget();
  }

  #resource(name: string, query: Record<string, string> = {}): URL {
    const { base, app, params } = this.#address;
    const token = this.#token;
    const url = new URL(`apps/${encodeURIComponent(app)}/${name}`, base);
    for (const [key, value] of Object.entries({ ...query, ...params, ...(token && { token }) })) {
      url.searchParams.set(key, value);
    }
    return url;
  }

  /** Leaves the recording for a session. */
  #begin(): void {
    if (this.#status.state !== "recorded") return;
    this.#live?.open();
    this.#set("connecting");
  }

  // -- its state --------------------------------------------------------------------------------------------------------

  #set(state: State, message = "", code = "", id = ""): void {
    const before = this.#status;
    this.#status = { state, message, code, id };
    if (state !== "live") this.#stopBusyTimer();
    if (before.state !== state || before.message !== message) this.#changed();
  }

  #changed(): void {
    for (const viewer of this.#viewers) viewer.update();
  }

  #track(parentId: string, state: string): void {
    if (!parentId) return;
    if (state === "idle") this.#unfinished.delete(parentId);
    else if (state === "busy") this.#unfinished.add(parentId);
    this.#showBusy();
  }

  #showBusy(): void {
    const busy = this.#unfinished.size > 0;
    if (!busy) {
      this.#stopBusyTimer();
      if (this.#status.state === "busy") this.#set("live");
    } else if (this.#status.state === "live" && this.#busyTimer === undefined) {
      this.#busyTimer = setTimeout(() => {
        this.#set("busy");
      }, BUSY_AFTER_MS);
    }
  }

  #stopBusyTimer(): void {
    clearTimeout(this.#busyTimer);
    this.#busyTimer = undefined;
  }

  #pageHidden = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) this.#live?.suspend();
    else this.#live?.close();
  };

  #pageShown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) this.#live?.resume();
  };
}

function unexpected(error: unknown): Trouble {
  console.error("Stagedoor:", error);
  return { code: "internal", message: "The app could not be shown: something went wrong in this page.", id: "" };
}
