import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StageDoor } from "../src/stage-door.ts";
import "../src/stage-door.ts";
import { BASE, FakeGateway, open, print, recordingOf, soon, view } from "./door/gateway.ts";

vi.mock("../src/widgets/index.ts", () => import("./door/widgets.ts"));

const recording = () => new Response(recordingOf([open("a"), print("one\n"), view("a"), print("two\n", "cell-1")]));
const problem = () => Response.json({ code: "app_failed", message: "Not now.", id: "log-1" }, { status: 503 });

let gateway: FakeGateway;

function put(attributes: Record<string, string> = {}, content = "loading..."): StageDoor {
  const element = document.createElement("stage-door") as StageDoor;
  for (const [name, value] of Object.entries({ app: "demo", src: BASE, ...attributes }))
    element.setAttribute(name, value);
  element.innerHTML = content;
  return document.body.appendChild(element);
}

const state = (element: Element) => element.getAttribute("state");
const is = (element: Element, wanted: string) => soon(() => expect(state(element)).toBe(wanted));
/** What the visitor reads in the element, outputs and words. */
const text = (element: Element) => element.textContent!.trim();
const words = (element: Element) => element.querySelector(".stagedoor-status")!.textContent;
const button = (element: Element, label: string) =>
  [...element.querySelectorAll("button")].find(({ textContent }) => textContent === label)!;

async function press(element: Element): Promise<void> {
  await soon(() => expect(button(element, "a")).toBeDefined());
  button(element, "a").click();
}

beforeEach(() => {
  gateway = new FakeGateway();
  gateway.answers = [recording];
});
afterEach(async () => {
  document.body.replaceChildren();
  await soon(() => expect(document.adoptedStyleSheets).toEqual([]));
});

describe("an element", () => {
  test("keeps its own content until there is something to show", async () => {
    let arrive = (_: Response) => {};
    gateway.answers = [() => new Promise((resolve) => (arrive = resolve))];
    const element = put({}, "<em>loading...</em>");
    expect(element.innerHTML).toContain("<em>loading...</em>");
    expect([state(element), element.getAttribute("aria-busy")]).toEqual(["loading", "true"]);
    arrive(recording());
    await is(element, "recorded");
    expect(text(element)).toBe("one\natwo");
    expect(element.hasAttribute("aria-busy")).toBe(false);
  });

  test("tells of its states, to its ancestors too", async () => {
    const heard = vi.fn<(event: Event) => void>();
    document.addEventListener("stagedoor-state", heard);
    const element = put();
    await is(element, "recorded");
    await press(element);
    await is(element, "live");
    element.remove();
    document.removeEventListener("stagedoor-state", heard);
    const events = heard.mock.calls.map(([event]) => event as CustomEvent);
    expect(events.map(({ detail }) => [detail.previous, detail.state])).toEqual([
      [undefined, "loading"],
      ["loading", "recorded"],
      ["recorded", "connecting"],
      ["connecting", "live"],
    ]);
    expect(events.every(({ target, detail }) => target === element && detail.app === "demo")).toBe(true);
  });

  test("shows the one cell that it names, and another when it names another", async () => {
    const element = put({ cell: "two" });
    await is(element, "recorded");
    expect(text(element)).toBe("two");
    element.setAttribute("cell", "one");
    await soon(() => expect(text(element)).toBe("one\na"));
    element.removeAttribute("cell");
    await soon(() => expect(text(element)).toBe("one\natwo"));
    expect(gateway.requests).toHaveLength(1);
  });

  test("says which cells there are when there is none of its name, and recovers", async () => {
    const failed = vi.fn<(event: Event) => void>();
    document.body.addEventListener("stagedoor-error", failed);
    const element = put({ cell: "three" });
    await is(element, "failed");
    expect(text(element)).toBe('The app "demo" has no cell "three". Its cells: one, two.');
    expect((failed.mock.calls[0][0] as CustomEvent).detail).toMatchObject({ code: "unknown_cell" });
    element.setAttribute("cell", "two");
    await is(element, "recorded");
    expect(text(element)).toBe("two");
  });

  test("shows another app when its attributes name one", async () => {
    const element = put({ "param-year": "1999", token: "t" });
    await is(element, "recorded");
    expect(gateway.requests[0].href).toBe(`${BASE}apps/demo/recording?param-year=1999&token=t`);
    gateway.answers = [() => new Response(recordingOf([print("other")]))];
    element.setAttribute("app", "other");
    await soon(() => expect(text(element)).toBe("other"));
    element.setAttribute("param-year", "2000");
    await soon(() => expect(gateway.requests.at(-1)!.href).toBe(`${BASE}apps/other/recording?param-year=2000&token=t`));
    await is(element, "recorded");
  });

  test.each([
    [{ app: "" }, 'attribute "app"'],
    [{ src: "ftp://example.org" }, "is not a gateway's address"],
  ])("with wrong attributes (%o) says so, and asks nobody", async (attributes, sentence) => {
    const element = put(attributes as unknown as Record<string, string>);
    expect(state(element)).toBe("failed");
    expect(text(element)).toContain(sentence);
    expect(gateway.requests).toEqual([]);
  });

  test("may be defined by a second copy of the script", async () => {
    vi.resetModules();
    await expect(import("../src/stage-door.ts")).resolves.toBeDefined();
  });

  test("takes out what a copy of a shown element brings with it", async () => {
    const first = put();
    await is(first, "recorded");
    const copy = document.body.appendChild(first.cloneNode(true) as HTMLElement);
    await is(copy, "recorded");
    await soon(() => expect(text(copy)).toBe("one\natwo"));
  });
});

describe("elements of the same app", () => {
  test("share one recording and one session", async () => {
    const [one, two] = [put({ cell: "one" }), put({ cell: "two" })];
    await is(one, "recorded");
    await is(two, "recorded");
    await press(one);
    await is(two, "live");
    expect([gateway.requests.length, gateway.sessions.length]).toEqual([1, 1]);
    one.remove();
    gateway.session.emit(print("more", "cell-1"));
    await soon(() => expect(text(two)).toBe("two\nmore"));
    expect(gateway.socket.closedWith).toBeUndefined();
  });

  test("of which one speaks, when all show the same words", async () => {
    gateway.answers = [problem];
    const elements = [put(), put(), put({ app: "another" })];
    for (const element of elements) await is(element, "failed");
    const live = elements.map((element) => element.querySelector("[role=status]")!.getAttribute("aria-live"));
    expect(live).toEqual(["polite", "off", "polite"]);
  });
});

describe("an element that goes", () => {
  test("ends the session and is as it was before", async () => {
    const element = put({}, "<em>loading...</em>");
    await is(element, "recorded");
    await press(element);
    await is(element, "live");
    element.remove();
    await soon(() => expect(gateway.socket.closedWith).toBe(1000));
    expect(element.outerHTML).toBe(`<stage-door app="demo" src="${BASE}"><em>loading...</em></stage-door>`);
    document.body.append(element);
    await is(element, "recorded");
    expect(text(element)).toBe("one\natwo");
  });

  test("to another place of the page goes on", async () => {
    const element = put();
    await press(element);
    await is(element, "live");
    document.body.appendChild(document.createElement("main")).append(element);
    await press(element);
    await soon(() => expect(gateway.asked).toEqual(["a", "a"]));
    expect([gateway.requests.length, gateway.sockets.length, state(element)]).toEqual([1, 1, "live"]);
  });

  test("before anything came is not missed", async () => {
    let aborted = false;
    vi.stubGlobal("fetch", (_: URL, { signal }: RequestInit) => {
      signal!.addEventListener("abort", () => (aborted = true));
      return new Promise(() => {});
    });
    put().remove();
    await soon(() => expect(aborted).toBe(true));
  });
});

describe("what an element says", () => {
  test("while the app gets ready: that it does", async () => {
    const notYet = () => Response.json({ code: "preparing", message: "Wait.", id: "" }, { status: 503 });
    gateway.answers = [notYet, recording];
    const element = put();
    await soon(() => expect(words(element)).toBe("The app is getting ready …"));
    // The words are to be read aloud, which being busy would forbid.
    expect([state(element), element.hasAttribute("aria-busy")]).toEqual(["loading", false]);
    await is(element, "recorded");
    expect(words(element)).toBe("");
  });

  test("when the app cannot be had: why, and the visitor may try again", async () => {
    gateway.answers = [problem, recording];
    const failed = vi.fn<(event: Event) => void>();
    const element = put();
    element.addEventListener("stagedoor-error", failed);
    await is(element, "failed");
    expect(words(element)).toBe("Not now. (log-1)Try again");
    expect(text(element)).not.toContain("loading...");
    expect((failed.mock.calls[0][0] as CustomEvent).detail).toEqual({
      code: "app_failed",
      message: "Not now.",
      id: "log-1",
    });
    button(element, "Try again").focus();
    button(element, "Try again").click();
    await is(element, "recorded");
    expect(text(element)).toBe("one\natwo");
    expect(document.activeElement).toBe(element.querySelector(".stagedoor-status"));
  });

  test("of a failure stands beside a picture that the author has put in", async () => {
    gateway.answers = [problem];
    const element = put({}, "<img alt='a picture'>");
    await is(element, "failed");
    expect(element.querySelector("img")).not.toBeNull();
  });

  test("when the session ends: the gateway's sentence, and the visitor may start again", async () => {
    const element = put();
    await press(element);
    await is(element, "live");
    gateway.session.announce("ended", { code: "kernel_died", message: "It has <b>died</b>." });
    await is(element, "ended");
    expect(words(element)).toBe("It has <b>died</b>.Start again");
    expect(text(element)).toContain("one");
    button(element, "Start again").click();
    await is(element, "recorded");
    expect(words(element)).toBe("");
  });
});

describe("when an element connects", () => {
  const connections = () => gateway.sockets.length;

  test("by default: at a sign of intent over a widget, without a session", async () => {
    const element = put();
    await soon(() => expect(button(element, "a")).toBeDefined());
    element.querySelector(".stagedoor-text")!.dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(connections()).toBe(0);
    button(element, "a").dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(connections()).toBe(1);
    await press(element);
    await is(element, "live");
    expect(connections()).toBe(1);
  });

  test("with live=load: as soon as it has the recording", async () => {
    await is(put({ live: "load" }), "live");
    expect(gateway.asked).toEqual([]);
  });

  test("with live=visible: when it is seen", async () => {
    let see = (_: boolean) => {};
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
          see = (isIntersecting) => tell([{ isIntersecting }]);
        }
        observe() {}
        disconnect() {}
      },
    );
    const element = put({ live: "visible" });
    await is(element, "recorded");
    see(false);
    expect(connections()).toBe(0);
    see(true);
    await is(element, "live");
  });
});
