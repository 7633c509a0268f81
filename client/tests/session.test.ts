import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { join, type Session, type State, type Viewer } from "../src/session.ts";
import type { Message } from "../src/stage.ts";
import { BASE, FakeGateway, open, print, recordingOf, say, soon, view } from "./door/gateway.ts";
import { gate, rooms } from "./door/widgets.ts";

vi.mock("../src/widgets/index.ts", () => import("./door/widgets.ts"));

/** A page that shows all cells of a session, and what it has seen of it. */
class Page implements Viewer {
  readonly root = document;
  readonly host = document.body.appendChild(document.createElement("div"));
  readonly states: State[] = [];
  readonly troubled = vi.fn<Viewer["troubled"]>();
  readonly session: Session;
  #cells: unknown[] = [];

  constructor(app = "demo") {
    this.session = join({ base: new URL(BASE), app, token: "", params: {} }, this);
  }

  update(): void {
    const { status, cells } = this.session;
    if (this.states.at(-1) !== status.state) this.states.push(status.state);
    cells.forEach(({ outputs }, index) => {
      if (this.#cells[index] === outputs) return;
      this.#cells[index] = outputs;
      outputs.show(this.host.appendChild(document.createElement("section")));
    });
  }

  /** What a cell shows. */
  text(cell: number): string {
    const outputs = [...this.host.children[cell].querySelectorAll(".stagedoor-output")];
    return outputs
      .filter((output) => !output.closest(".stagedoor-next"))
      .map((output) => output.textContent)
      .join("|");
  }

  async is(state: State): Promise<void> {
    await soon(() => expect(this.session.status.state).toBe(state));
  }

  /** The visitor presses a widget's button. */
  async press(id: string): Promise<void> {
    await soon(() => expect(this.#button(id)).toBeDefined());
    this.session.touch(true);
    this.#button(id)!.click();
  }

  #button(id: string): HTMLButtonElement | undefined {
    return [...this.host.querySelectorAll("button")].find((button) => button.textContent === id);
  }
}

const recording = recordingOf([
  open("a"),
  open("b", {}, "cell-1"),
  open("out", { _model_name: "OutputModel", msg_id: "" }),
  print("hello\n"),
  view("a"),
  view("b", "cell-1"),
]);

let gateway: FakeGateway;
let page: Page;

/** The page as it is when the recording has been drawn. */
async function arrive(record = recording): Promise<void> {
  gateway = new FakeGateway(record);
  page = new Page();
  await page.is("recorded");
}

beforeEach(() => {
  rooms.length = 0;
  delete gate.wait;
});
afterEach(() => {
  page.session.leave(page);
  document.body.replaceChildren();
});

describe("a page that has not been used", () => {
  test("shows the recording, and costs no connection", async () => {
    await arrive();
    await soon(() => expect(page.text(1)).toBe("b"));
    expect(page.text(0)).toBe("hello\n|a");
    expect(gateway.requests.map(String)).toEqual([`${BASE}apps/demo/recording`]);
    expect(gateway.sockets).toEqual([]);
    expect(page.states).toEqual(["recorded"]);
  });

  test("loads no widgets for what shows none", async () => {
    await arrive(recordingOf([open("a"), print("text")]));
    expect(page.text(0)).toBe("text");
    expect(rooms).toEqual([]);
  });

  test("tells widgets of all comms before one is shown", async () => {
    await arrive();
    await soon(() => expect(rooms[0]?.handled).toEqual(["comm_open a", "comm_open b", "comm_open out"]));
  });

  test("connects at a sign of intent, and a lost connection is not missed", async () => {
    await arrive();
    page.session.expect();
    await soon(() => expect(gateway.socket.readyState).toBe(1));
    expect(gateway.socket.url.href).toBe(`${BASE.replace("https", "wss")}apps/demo/live?generation=g1`);
    expect(gateway.socket.protocol).toBe("v1.kernel.websocket.jupyter.org");
    gateway.socket.drop();
    await soon(() => expect(gateway.socket.readyState).toBe(3));
    expect(gateway.sessions).toEqual([]);
    expect(page.states).toEqual(["recorded"]);
    page.session.expect();
    expect(gateway.sockets).toHaveLength(2);
  });

  test("keeps what widgets send by themselves until the visitor does something", async () => {
    await arrive();
    page.session.sendComm("a", { method: "custom", content: "by itself" });
    expect(gateway.sockets).toEqual([]);
    page.session.touch(false);
    expect(gateway.sockets).toEqual([]);
    await page.press("b");
    await soon(() => expect(gateway.asked).toEqual(["by itself", "b"]));
  });

  test("opens a session at once when it is to be live", async () => {
    gateway = new FakeGateway(recording);
    page = new Page();
    page.session.open();
    await page.is("live");
    expect(gateway.asked).toEqual([]);
    expect(page.states).toEqual(["recorded", "connecting", "live"]);
  });
});

describe("a visitor's actions", () => {
  test("are done in order, those too that came before the kernel", async () => {
    await arrive();
    gateway.quick = false;
    await page.press("a");
    await page.press("b");
    await soon(() => expect(gateway.asked).toEqual(["a", "b"]));
    expect(page.session.status.state).toBe("connecting");
    gateway.session.goLive();
    await page.press("a");
    await page.is("live");
    await soon(() => expect(rooms[0].idle).toHaveLength(3));
    expect(gateway.asked).toEqual(["a", "b", "a"]);
    expect(page.states).toEqual(["recorded", "connecting", "live"]);
  });

  test("are answered where the widget's comm was opened", async () => {
    await arrive();
    gateway.kernel = (message, session) => session.emit(print("pressed", message.header.msg_id));
    await page.press("b");
    await soon(() => expect(page.text(1)).toBe("b|pressed"));
    await page.press("a");
    await soon(() => expect(page.text(0)).toBe("hello\n|a|pressed"));
  });

  test("make the page busy when the answer takes long, and only then", async () => {
    await arrive();
    let finish = () => {};
    gateway.kernel = (message, session) => {
      const parent = message.header.msg_id;
      session.emit(say("status", { execution_state: "busy" }, { parent }));
      finish = () => session.emit(say("status", { execution_state: "idle" }, { parent }));
    };
    await page.press("a");
    await page.is("busy");
    finish();
    await page.is("live");
    expect(page.states).toEqual(["recorded", "connecting", "live", "busy", "live"]);
  });
});

describe("outputs of a live session", () => {
  beforeEach(async () => {
    await arrive();
    await page.press("a");
    await page.is("live");
  });

  test("of cells go to the cell, of nobody to the last", async () => {
    gateway.session.emit(print("to one", "cell-0"));
    gateway.session.emit(print("to none", "what?"));
    gateway.session.emit(print(" at all", ""));
    await soon(() => expect(page.text(1)).toBe("b|to none at all"));
    expect(page.text(0)).toBe("hello\n|a|to one");
  });

  test("go into the output widget that captures, for as long as it does, and keep their order", async () => {
    let release = () => {};
    gate.wait = new Promise((resolve) => (release = resolve));
    const capture = (msg_id: string) =>
      say("comm_msg", { comm_id: "out", data: { method: "update", state: { msg_id } } });
    for (const message of [capture("p1c0"), print("captured", "p1c0"), capture(""), print("free", "p1c0")]) {
      gateway.session.emit(message);
    }
    await soon(() => expect(rooms[0].handled).toContain("comm_msg out"));
    expect(page.text(0)).toBe("hello\n|a");
    release();
    await soon(() => expect(page.text(0)).toBe("hello\n|a|free"));
    const host = document.body.appendChild(document.createElement("div"));
    await rooms[0].captured.show(host).ready;
    expect(host.textContent).toBe("captured");
  });

  test("are updated wherever they are", async () => {
    const display = (type: string, text: string) => ({
      data: { "text/plain": text },
      metadata: {},
      transient: { display_id: "d" },
      type,
    });
    gateway.session.emit(say("display_data", display("", "before"), { parent: "cell-0" }));
    gateway.session.emit(say("display_data", display("", "before"), { parent: "cell-1" }));
    gateway.session.emit(say("update_display_data", display("", "after"), { parent: "cell-1" }));
    await soon(() => expect(page.text(0)).toBe("hello\n|a|after"));
    expect(page.text(1)).toBe("b|after");
  });

  test("come anew when the page shows something else than the kernel has", async () => {
    const cells = [
      { name: "one", id: "cell-0" },
      { name: "two", id: "cell-1" },
    ];
    gateway.session.emit(say("stagedoor_render", { cells, scope: "all" }));
    for (const message of [open("new"), print("anew"), view("new")]) gateway.session.emit(message);
    await soon(() => expect(page.text(0)).toBe("anew|new"));
    await soon(() => expect(page.text(1)).toBe(""));
    await soon(() => expect(rooms.map((room) => room.disposed)).toEqual([true, false]));
    expect(rooms[1].handled).toEqual(["comm_open new"]);
    gateway.session.emit(say("stagedoor_render", { cells, scope: ["cell-0"] }));
    gateway.session.emit(print("and again"));
    await soon(() => expect(page.text(0)).toBe("and again"));
    expect(rooms[1].disposed).toBe(false);
  });
});

describe("code of widgets that an app comes to use", () => {
  const extension = (name: string) => ({ kind: "amd", address: `assets/0/${name}.js` });

  test("is known before they are opened, beside that which the recording has told of", async () => {
    await arrive(recordingOf([open("a"), view("a")], ["one"], { extensions: { known: extension("known") } }));
    gateway.kernel = (message, session) =>
      session.work(message, () => {
        session.emit(
          say("stagedoor_offers", {
            assets: { plotly: "assets/1/plotly.js" },
            extensions: { late: extension("late") },
          }),
        );
        session.emit(open("b", { _model_module: "late" }));
      });
    await page.press("a");
    await soon(() => expect(rooms[0].extensions["comm_open b"]).toEqual(["known", "late"]));
    expect(rooms[0].extensions["comm_open a"]).toEqual(["known"]);
    expect(page.session.extensions.late).toEqual(extension("late"));
    expect(page.session.assets).toEqual({ plotly: "assets/1/plotly.js" });
  });
});

describe("a connection that is lost", () => {
  /** Live, with an answer to a first press. */
  beforeEach(async () => {
    await arrive();
    gateway.kernel = (message, session) =>
      session.work(message, () => session.emit(print(`${message.content.data.content};`, message.header.msg_id)));
    await page.press("a");
    await soon(() => expect(page.text(0)).toBe("hello\n|a|a;"));
  });

  test("comes back with all that was said meanwhile, on both sides, once", async () => {
    const { session, socket } = gateway;
    socket.deaf = true;
    await page.press("b");
    await page.press("b");
    socket.drop();
    await page.is("reconnecting");
    session.emit(print("meanwhile;", "cell-0"));
    await page.press("a");
    await soon(() => expect(page.text(0)).toBe("hello\n|a|a;meanwhile;a;"));
    expect(page.text(1)).toBe("b|b;b;");
    expect(gateway.asked).toEqual(["a", "b", "b", "a"]);
    expect(gateway.sessions).toHaveLength(1);
    expect(page.states).toEqual(["recorded", "connecting", "live", "reconnecting", "live"]);
  });

  test("is taken up with a secret that is in no address, which referrers and logs would carry away", async () => {
    gateway.socket.drop();
    await soon(() => expect(gateway.sockets).toHaveLength(2));
    await page.is("live");
    const addresses = [...gateway.requests, ...gateway.sockets.map(({ url }) => url), location.href].map(String);
    expect(addresses.filter((address) => address.includes(encodeURIComponent(gateway.session.secret)))).toEqual([]);
    expect([localStorage.length, sessionStorage.length, document.cookie]).toEqual([0, 0, ""]);
  });

  test("sends nothing twice that the gateway has got, though it was never answered", async () => {
    gateway.kernel = () => {};
    await page.press("b");
    await soon(() => expect(gateway.asked).toEqual(["a", "b"]));
    gateway.socket.drop();
    await page.is("reconnecting");
    await page.press("a");
    await page.is("live");
    await soon(() => expect(gateway.asked).toEqual(["a", "b", "a"]));
  });

  test("is tried again at once when the network is back", async () => {
    gateway.reachable = false;
    gateway.socket.drop();
    await soon(() => expect(gateway.sockets.length).toBeGreaterThan(2));
    const { length } = gateway.sockets;
    await soon(() => expect(gateway.socket.readyState).toBe(3));
    gateway.reachable = true;
    window.dispatchEvent(new Event("online"));
    expect(gateway.sockets).toHaveLength(length + 1);
    await page.is("live");
  });

  test("ends the session when it is away for too long, and the page starts anew and says so", async () => {
    gateway.forget();
    gateway.socket.drop();
    await soon(() => expect(page.session.status.message).toContain("started anew"));
    expect(page.states).toEqual(["recorded", "connecting", "live", "reconnecting", "loading", "recorded"]);
    await soon(() => expect(page.text(0)).toBe("hello\n|a"));
    await soon(() => expect(rooms[0].disposed).toBe(true));
    await page.press("a");
    await soon(() => expect(page.text(0)).toBe("hello\n|a|a;"));
    expect(page.session.status).toMatchObject({ state: "live", message: "" });
  });
});

describe("a connection that cannot be had", () => {
  test("is tried again with all that the visitor did", async () => {
    await arrive();
    gateway.quick = false;
    gateway.reachable = false;
    await page.press("a");
    await soon(() => expect(gateway.sockets).toHaveLength(2));
    gateway.reachable = true;
    await soon(() => expect(gateway.asked).toEqual(["a"]));
    // Lost again, before the session was live but with its secret known: the same session goes on.
    gateway.socket.drop();
    await soon(() => expect(gateway.session.socket).toBeDefined());
    gateway.session.goLive();
    await page.is("live");
    expect(gateway.asked).toEqual(["a"]);
    expect(gateway.sessions).toHaveLength(1);
  });

  test("is given up after some time, and tried again when the visitor wants it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    gateway = new FakeGateway(recordingOf([open("a")]));
    page = new Page();
    await vi.advanceTimersByTimeAsync(10);
    gateway.reachable = false;
    page.session.touch(true);
    page.session.sendComm("a", { method: "custom", content: "kept" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.session.status).toMatchObject({ state: "failed", code: "unreachable" });
    gateway.reachable = true;
    page.session.again();
    await vi.advanceTimersByTimeAsync(100);
    vi.useRealTimers();
    expect(gateway.asked).toEqual(["kept"]);
    expect(page.session.status.state).toBe("live");
  });
});

describe("a session that ends", () => {
  test("says why, takes nothing more, and starts again from the recording", async () => {
    await arrive();
    await page.press("a");
    await page.is("live");
    gateway.session.announce("ended", { code: "idle", message: "Nothing happened." });
    gateway.socket.drop();
    await page.is("ended");
    expect(page.session.status).toMatchObject({ message: "Nothing happened.", code: "idle", id: "x1" });
    await page.press("a");
    expect(gateway.sockets).toHaveLength(1);
    page.session.again();
    await page.is("recorded");
    expect(gateway.requests).toHaveLength(2);
    await page.press("b");
    await soon(() => expect(gateway.asked).toEqual(["b"]));
    expect(gateway.sessions).toHaveLength(2);
  });

  test("before it has begun is tried again with what the visitor did", async () => {
    await arrive();
    gateway.quick = false;
    await page.press("a");
    await soon(() => expect(gateway.asked).toEqual(["a"]));
    gateway.session.announce("starting", { message: "Waiting for a seat." });
    await soon(() => expect(page.session.status.message).toBe("Waiting for a seat."));
    gateway.session.announce("failed", { code: "no_kernel", message: "No kernel." });
    gateway.socket.drop();
    await page.is("failed");
    await page.press("b");
    page.session.again();
    await soon(() => expect(gateway.sessions).toHaveLength(2));
    await soon(() => expect(gateway.asked).toEqual(["a", "b"]));
    expect(gateway.requests).toHaveLength(1);
  });

  test("when the gateway sends what cannot be read, fails", async () => {
    await arrive();
    await page.press("a");
    await page.is("live");
    gateway.socket.deliver(new ArrayBuffer(3));
    await page.is("failed");
    expect(page.session.status.code).toBe("bad_frame");
    page.session.again();
    await page.is("recorded");
  });
});

describe("a prompt", () => {
  const asking = recordingOf([
    print("before\n"),
    say("input_request", { prompt: "Name?", password: false }, { channel: "stdin" }),
  ]);
  const fields = () => [...page.host.querySelectorAll<HTMLInputElement>("form input")];
  const answer = (value: string) => {
    fields()[0].value = value;
    fields()[0].form!.requestSubmit();
  };

  test("of the recording is answered by the live session", async () => {
    await arrive(asking);
    expect(page.host.children[0].querySelector("form")).not.toBeNull();
    answer("Ada");
    await page.is("live");
    await soon(() => expect(gateway.session.asked).toHaveLength(1));
    const { channel, header, content } = gateway.session.asked[0] as Message;
    expect({ channel, type: header.msg_type, content }).toEqual({
      channel: "stdin",
      type: "input_reply",
      content: { value: "Ada", status: "ok" },
    });
    expect(fields()).toHaveLength(0);
  });

  test("goes when the kernel does not wait for it any more", async () => {
    await arrive(asking);
    page.session.open();
    await page.is("live");
    gateway.session.emit(say("status", { execution_state: "idle" }, { parent: "cell-0" }));
    await soon(() => expect(fields()).toHaveLength(0));
    gateway.session.emit(say("input_request", { prompt: "One?" }, { parent: "cell-0", channel: "stdin" }));
    gateway.session.emit(say("input_request", { prompt: "Two?" }, { parent: "cell-1", channel: "stdin" }));
    await soon(() => expect(page.host.children[1].querySelector("form")).not.toBeNull());
    expect(fields()).toHaveLength(1);
  });
});

describe("a page that goes", () => {
  beforeEach(async () => {
    await arrive();
    await page.press("a");
    await page.is("live");
  });
  const transition = (type: string, persisted: boolean) =>
    window.dispatchEvent(Object.assign(new Event(type), { persisted }));

  test("ends its session", () => {
    const { socket } = gateway;
    transition("pagehide", false);
    expect(socket.closedWith).toBe(1000);
  });

  test("but may come back keeps it, and goes on", async () => {
    const { session, socket } = gateway;
    transition("pagehide", true);
    expect(socket.closedWith).toBe(3000);
    session.emit(print("while away", "cell-0"));
    transition("pageshow", true);
    await soon(() => expect(page.text(0)).toBe("hello\n|a|while away"));
    expect(gateway.sessions).toHaveLength(1);
  });

  test("with its last element ends the session, and leaves nothing", async () => {
    const other = new Page();
    expect(other.session).toBe(page.session);
    const { socket } = gateway;
    other.session.leave(other);
    expect(socket.closedWith).toBeUndefined();
    page.session.leave(page);
    expect(socket.closedWith).toBe(1000);
    expect(rooms.at(-1)!.disposed).toBe(true);
    expect(page.host.textContent).toBe("");
    const next = new Page();
    expect(next.session).not.toBe(page.session);
    next.session.leave(next);
  });
});
