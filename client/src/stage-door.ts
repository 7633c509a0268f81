/** `<stage-door>`: shows an app's live output. Loaded as an ES module from the gateway that runs the apps. */
import css from "./element.css";
import { tellHeight } from "./framed.ts";
import { home } from "./home.ts";
import { Notice, type Said } from "./notice.ts";
import type { Trouble } from "./problem.ts";
import type { ShownCell } from "./router.ts";
import {
  type Address,
  join,
  type Session,
  type State,
  type Status,
  type TokenProvider,
  type Viewer,
} from "./session.ts";
import { enter, leave, wear } from "./sheets.ts";
import type { Outputs } from "./stage.ts";

/** Where a visitor's hand or focus tells that something is about to be used. */
const USABLE = ".lm-Widget, .jupyter-widgets, input, select, textarea, button";
const INTENT: ReadonlySet<string> = new Set(["pointerover", "focusin", "touchstart"]);
const PASSING = [...INTENT, "pointermove", "wheel"];
const FIRM: ReadonlySet<string> = new Set(["pointerdown", "keydown", "click", "input", "change", "drop"]);
const OWN = ["stagedoor-cells", "stagedoor-mark", "stagedoor-status"];
const WORKING: ReadonlySet<State> = new Set(["loading", "connecting", "busy", "reconnecting"]);
/** How long words about a connection are held back. */
const PATIENCE_MS = 800;

/** The outputs that an element shows, and whether they have been drawn for the first time. */
interface Shown {
  outputs: readonly Outputs[];
  drawn: boolean;
  remove: () => void;
}

export class StageDoor extends HTMLElement implements Viewer {
  #root?: Document | ShadowRoot;
  #session?: Session;
  #tokenProvider?: TokenProvider;
  /** The attributes from which the session follows. */
  #wanted = "";
  /** What is wrong with this element itself, whatever its session does. */
  #fault?: Trouble;
  #cells?: HTMLElement;
  #mark?: HTMLElement;
  #notice = new Notice();
  #shown?: Shown;
  /** The author's own content, while outputs are shown in its place. */
  #own?: DocumentFragment;
  #state?: State;
  #attributes = new MutationObserver((changes) => this.#attributesChanged(changes));
  #sizes = new ResizeObserver(() => this.#cells?.offsetHeight && this.#hideOwn());
  #sight = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.#seen());

  /** The root in which the element is: where its style sheets have to be. */
  get root(): Document | ShadowRoot {
    return this.#root!;
  }

  /** Gives the token in place of the attribute: at first, and when the gateway does not take the last one any more. */
  get tokenProvider(): TokenProvider | undefined {
    return this.#tokenProvider;
  }

  set tokenProvider(provider: TokenProvider | undefined) {
    if (provider === this.#tokenProvider) return;
    this.#tokenProvider = provider;
    if (!this.#root) return;
    this.#disconnect();
    this.#connect();
  }

  connectedCallback(): void {
    // A page may have set it before this script was there.
    if (Object.hasOwn(this, "tokenProvider")) {
      const { tokenProvider } = this;
      Reflect.deleteProperty(this, "tokenProvider");
      this.#tokenProvider = tokenProvider;
    }
    const root = this.getRootNode() as Document | ShadowRoot;
    if (this.#root === root) return; // it has only been moved
    if (this.#root) this.#tearDown();
    this.#root = root;
    enter(root);
    wear(root, css);
    this.#setUp();
    this.#attributes.observe(this, { attributes: true });
    this.#connect();
  }

  disconnectedCallback(): void {
    // An element that is moved is taken out and put in again at once, which must not end its session.
    setTimeout(() => this.isConnected || this.#tearDown());
  }

  // -- what the session tells -------------------------------------------------------------------------------------------

  update(): void {
    this.#showCells();
    this.#showStatus();
  }

  troubled(detail: Trouble): void {
    this.dispatchEvent(new CustomEvent("stagedoor-error", { bubbles: true, composed: true, detail }));
  }

  // -- coming and going -------------------------------------------------------------------------------------------------

  #setUp(): void {
    // A copy of an element that was showing something (a page restored from its HTML) has dead outputs in it.
    for (const name of OWN) this.querySelectorAll(`:scope > .${name}`).forEach((dead) => dead.remove());
    this.#cells = document.createElement("div");
    this.#cells.className = "stagedoor-cells";
    // Before anything in the outputs hears of it: what a widget then sends has been asked for.
    for (const event of [...PASSING, ...FIRM]) {
      this.#cells.addEventListener(event, this.#touched, { passive: true, capture: true });
    }
    this.#mark = document.createElement("div");
    this.#mark.className = "stagedoor-mark";
    this.append(this.#cells, this.#mark, this.#notice.element);
    this.#sizes.observe(this.#cells);
  }

  #tearDown(): void {
    if (!this.#root) return;
    this.#attributes.disconnect();
    this.#disconnect();
    this.#sizes.disconnect();
    this.#cells?.remove();
    this.#mark?.remove();
    this.#notice.element.remove();
    leave(this.#root);
    this.#root = undefined;
    this.#state = undefined;
    this.removeAttribute("state");
    this.removeAttribute("aria-busy");
  }

  #connect(): void {
    try {
      const address = this.#address();
      this.#wanted = wordOf(address);
      this.#session = join(address, this);
      this.#watchSight();
    } catch (error) {
      this.#wanted = "";
      this.#fault = error as Trouble;
    }
    this.update();
  }

  #disconnect(): void {
    this.#sight.disconnect();
    this.#hideCells();
    this.#session?.leave(this);
    this.#session = this.#fault = undefined;
    this.#notice.say();
    this.#showOwn();
  }

  #attributesChanged(changes: MutationRecord[]): void {
    const names = new Set(changes.map(({ attributeName }) => attributeName!));
    if (["app", "src", "token"].some((name) => names.has(name)) || [...names].some(isParameter)) {
      let wanted = "";
      try {
        wanted = wordOf(this.#address());
      } catch {
        // said by #connect
      }
      if (!wanted || wanted !== this.#wanted) {
        this.#disconnect();
        this.#connect();
      }
    }
    if (names.has("live") && this.#session) this.#watchSight();
    if (names.has("cell")) this.update();
  }

  /** @throws Trouble when the attributes name no app */
  #address(): Address {
    const app = this.getAttribute("app");
    if (!app) throw trouble("no_app", 'This <stage-door> does not say what to show: give it an attribute "app".');
    const src = this.getAttribute("src");
    const base = src === null ? home : URL.canParse(src, this.baseURI) ? new URL(src, this.baseURI) : undefined;
    if (!base || !/^https?:$/.test(base.protocol)) throw trouble("bad_src", `"${src}" is not a gateway's address.`);
    const parameters = this.getAttributeNames().filter(isParameter);
    const params = Object.fromEntries(parameters.map((name) => [name, this.getAttribute(name)!]));
    const token = this.#tokenProvider ?? this.getAttribute("token") ?? "";
    return { base: asFolder(base), app, token, params };
  }

  // -- outputs ----------------------------------------------------------------------------------------------------------

  #showCells(): void {
    const all = this.#session?.cells ?? [];
    if (!all.length) return;
    const name = this.getAttribute("cell");
    const cells = name === null ? all : all.filter((cell) => cell.name === name);
    this.#fault = cells.length ? undefined : trouble("unknown_cell", unknownCell(this.#session!.app, name!, all));
    const outputs = cells.map((cell) => cell.outputs);
    if (this.#shown && same(outputs, this.#shown.outputs)) return;
    this.#hideCells();
    const views = cells.map((cell) => {
      const host = this.#cells!.appendChild(document.createElement("div"));
      host.className = "stagedoor-cell";
      host.dataset.cell = cell.name;
      return cell.outputs.show(host);
    });
    const shown: Shown = { outputs, drawn: false, remove: () => views.forEach((view) => view.remove()) };
    this.#shown = shown;
    void Promise.allSettled(views.map((view) => view.ready)).then(() => {
      if (shown !== this.#shown) return;
      shown.drawn = true;
      if (!this.#fault) this.#hideOwn();
      this.#showStatus();
    });
  }

  #hideCells(): void {
    this.#shown?.remove();
    this.#shown = undefined;
    this.#cells?.replaceChildren();
  }

  /** The author's content gives way, at the latest when its last part has been parsed. */
  #hideOwn = (): void => {
    if (!this.#root) return;
    const own = [...this.childNodes].filter((node) => !OWN.some((name) => isOurs(node, name)));
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", this.#hideOwn, { once: true });
    this.#own ??= document.createDocumentFragment();
    this.#own.append(...own);
  };

  #showOwn(): void {
    document.removeEventListener("DOMContentLoaded", this.#hideOwn);
    if (this.#own) this.prepend(this.#own);
    this.#own = undefined;
  }

  // -- status -----------------------------------------------------------------------------------------------------------

  #showStatus(): void {
    const status = this.#statusNow();
    const { state } = status;
    const words = this.#words(status);
    this.#notice.say(words);
    // What is busy may not be read aloud, so while there is a notice the element is not.
    if (WORKING.has(state) && !(words && !words.delay)) this.setAttribute("aria-busy", "true");
    else this.removeAttribute("aria-busy");
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    this.setAttribute("state", state);
    if (state === "failed" && !this.#shown?.outputs.length && isText(this)) this.#hideOwn();
    const { message, code, id } = status;
    const detail = {
      state,
      previous,
      app: this.getAttribute("app"),
      cell: this.getAttribute("cell"),
      message,
      code,
      id,
    };
    this.dispatchEvent(new CustomEvent("stagedoor-state", { bubbles: true, composed: true, detail }));
    if (state === "failed" || code === "kernel_died") this.troubled({ code, message, id });
  }

  /** The session's status, but for what concerns this element alone. */
  #statusNow(): Status {
    if (this.#fault) return { ...this.#fault, state: "failed" };
    const status = this.#session!.status;
    const drawing = status.state === "recorded" && !this.#shown?.drawn && this.#session!.cells.length > 0;
    return drawing ? { ...status, state: "loading" } : status;
  }

  #words({ state, message: text, id }: Status): Said | undefined {
    if (!text) return;
    const session = this.#session;
    const again = () => session?.again();
    const said = { text, aloud: session?.speaksThrough(this) };
    if (state === "connecting" || state === "reconnecting") return { ...said, delay: PATIENCE_MS };
    if (state === "ended") return { ...said, button: { label: "Start again", press: again } };
    if (state !== "failed") return said;
    return this.#fault ? { text } : { ...said, id, button: { label: "Try again", press: again } };
  }

  // -- when to be live --------------------------------------------------------------------------------------------------

  #watchSight(): void {
    this.#sight.disconnect();
    const live = this.getAttribute("live");
    if (live === "load") this.#session!.open();
    else if (live === "visible") this.#sight.observe(this);
  }

  #seen(): void {
    this.#sight.disconnect();
    this.#session?.open();
  }

  #touched = ({ type, target }: Event): void => {
    this.#session?.touch(FIRM.has(type));
    if (INTENT.has(type) && target instanceof Element && target.closest(USABLE)) this.#session?.expect();
  };
}

/** A provider of tokens is compared when it is set. */
function wordOf({ token, ...address }: Address): string {
  return JSON.stringify([address, typeof token === "string" ? token : ""]);
}

function trouble(code: string, message: string): Trouble {
  return { code, message, id: "" };
}

function unknownCell(app: string, name: string, cells: readonly ShownCell[]): string {
  return `The app "${app}" has no cell "${name}". Its cells: ${cells.map((cell) => cell.name).join(", ")}.`;
}

function same<Item>(some: readonly Item[], others: readonly Item[]): boolean {
  return some.length === others.length && some.every((item, index) => item === others[index]);
}

function isParameter(name: string): boolean {
  return name.startsWith("param-");
}

function asFolder(url: URL): URL {
  const folder = new URL(url);
  folder.search = folder.hash = "";
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  return folder;
}

function isOurs(node: Node, name: string): boolean {
  return node instanceof Element && node.classList.contains(name);
}

/** Whether the author's content is but words ("loading …"), which a failure makes untrue; a picture or a table stays. */
function isText(element: Element): boolean {
  return [...element.children].every((child) => OWN.some((name) => isOurs(child, name)));
}

// A second copy of this script, from here or another gateway, leaves everything to the first: elements name their gateway by `src`.
if (!customElements.get("stage-door")) {
  customElements.define("stage-door", StageDoor);
  tellHeight();
}
