import { beforeEach, describe, expect, test, vi } from "vitest";
import { createOutputs } from "../../src/outputs/index.ts";
import { fakeStage, message, play } from "./stage.ts";

beforeEach(() => document.body.replaceChildren());

const PIXEL = btoa("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0rest");

describe("displays", () => {
  test("show the richest form that is known", () => {
    const { display, text } = play();
    display({ "text/plain": "plain", "text/html": "<b>rich</b>" });
    display({ "text/plain": "Chart(...)", "application/vnd.unknown.v5+json": {} });
    display({ "application/octet-stream": "AA==" });
    display({});
    expect(text()).toEqual(["rich", "Chart(...)", "This output has no form that a page can show.", ""]);
  });

  test("are seen without any wait where no code has to be loaded", () => {
    const { display, host, send } = play();
    display({ "text/html": "<table class='dataframe'></table>" });
    display({ "image/png": PIXEL, "text/plain": "<Figure size 640x480 with 1 Axes>" });
    send("execute_result", { data: { "text/plain": "42" }, metadata: {}, execution_count: 1 });
    expect(host.querySelector("table.dataframe")).not.toBeNull();
    expect(host.querySelector("pre")!.textContent).toBe("42");
    const image = host.querySelector("img")!;
    expect([image.width, image.height, image.alt]).toEqual([640, 480, "Figure size 640x480 with 1 Axes"]);
    expect(image.src).toMatch(/^blob:/);
  });

  test("take a picture's size, ground and description from the metadata", () => {
    const { display, host } = play();
    display({ "image/png": PIXEL }, undefined, {
      "image/png": { width: 320, alt: "a map" },
      needs_background: "light",
    });
    const image = host.querySelector("img")!;
    expect([image.width, image.alt]).toEqual([320, "a map"]);
    expect(image.hasAttribute("height")).toBe(false);
    expect(image.className).toContain("stagedoor-on-light");
  });

  test("free a picture's memory when it is gone", () => {
    const revoke = vi.spyOn(URL, "revokeObjectURL");
    const { display, outputs, host } = play();
    display({ "image/svg+xml": ["<svg ", "viewBox='0 0 1 1'></svg>"] });
    const { src } = host.querySelector("img")!;
    outputs.clear();
    expect(revoke).toHaveBeenCalledWith(src);
  });

  test("say politely and report that one is damaged, and go on with the next", () => {
    const stage = fakeStage();
    const { display, text } = play(stage);
    display({ "image/png": "%%%", "text/plain": "a figure" });
    display({ "text/plain": "next" });
    expect(text()).toEqual(["This output could not be shown.a figure", "next"]);
    expect(stage.report).toHaveBeenCalledWith("output_failed", expect.stringContaining("image/png"), expect.anything());
  });

  test("are updated by their display id in every place, and nothing else is", () => {
    const { outputs, display, update, text } = play();
    const second = document.body.appendChild(document.createElement("div"));
    outputs.show(second);
    display({ "text/plain": "0%" }, "bar");
    display({ "text/plain": "other" }, "other");
    display({ "text/plain": "0%" }, "bar");
    display({ "text/plain": "none" });
    update({ "text/html": "<i>50%</i>" }, "bar");
    expect(text()).toEqual(["50%", "other", "50%", "none"]);
    expect([...second.querySelectorAll("i")]).toHaveLength(2);
    const late = document.body.appendChild(document.createElement("div"));
    outputs.show(late);
    expect(late.textContent).toBe("50%other50%none");
  });

  test("keep the old picture in sight until the new one has been decoded", async () => {
    const { display, update, host } = play();
    display({ "image/png": PIXEL }, "figure");
    await vi.waitFor(() => expect(host.querySelectorAll("img")).toHaveLength(1));
    const old = host.querySelector("img")!;
    let decoded = () => {};
    vi.spyOn(HTMLImageElement.prototype, "decode").mockReturnValue(new Promise((resolve) => (decoded = resolve)));
    update({ "image/png": PIXEL }, "figure");
    const [next, shown] = host.querySelectorAll("img");
    expect(shown).toBe(old);
    expect(next.closest(".stagedoor-next")).not.toBeNull();
    decoded();
    await vi.waitFor(() => expect([...host.querySelectorAll("img")]).toEqual([next]));
    expect(next.closest(".stagedoor-next")).toBeNull();
  });
});

describe("clear_output", () => {
  test("empties at once", () => {
    const { print, send, text } = play();
    print("gone");
    send("clear_output", { wait: false });
    expect(text()).toEqual([]);
  });

  test("with wait leaves everything until the next output, which replaces it", () => {
    const { print, send, text } = play();
    print("one");
    send("clear_output", { wait: true });
    expect(text()).toEqual(["one"]);
    print("two");
    expect(text(), "a stream does not go on where the old one was").toEqual(["two"]);
    print("three");
    expect(text()).toEqual(["twothree"]);
  });

  test("with wait shows the new outputs together, but does not wait long for as many as there were", async () => {
    const { print, display, send, seen } = play();
    const draw = (n: number) => {
      send("clear_output", { wait: true });
      print(`text ${n}`);
      expect(seen()).not.toContain(`text ${n}`);
      if (n < 3) display({ "text/plain": `table ${n}` });
    };
    print("text 1");
    display({ "text/plain": "table 1" });
    draw(2);
    await vi.waitFor(() => expect(seen()).toEqual(["text 2", "table 2"]));
    draw(3);
    expect(seen()).toEqual(["text 2", "table 2"]);
    await vi.waitFor(() => expect(seen()).toEqual(["text 3"]));
  });

  test("with wait keeps the old outputs in sight while a picture is decoded, even if the next is on its way already", async () => {
    const decoders: (() => void)[] = [];
    vi.spyOn(HTMLImageElement.prototype, "decode").mockImplementation(
      () => new Promise((resolve) => decoders.push(resolve)),
    );
    const { print, display, send, host, seen } = play();
    const picture = () =>
      [...host.querySelectorAll("img")].filter((it) => !it.closest(".stagedoor-next")).map(({ alt }) => alt);
    print("old");
    for (const alt of ["a", "b", "c"]) {
      send("clear_output", { wait: true });
      display({ "image/png": PIXEL }, undefined, { alt });
    }
    expect(seen()).toEqual(["old"]);
    expect([...host.querySelectorAll("img")].map(({ alt }) => alt).sort(), "b was overtaken").toEqual(["a", "c"]);
    decoders[0]();
    await vi.waitFor(() => expect(picture()).toEqual(["a"]));
    decoders[2]();
    await vi.waitFor(() => expect(picture()).toEqual(["c"]));
    expect(host.querySelector(".stagedoor-next")).toBeNull();
  });
});

describe("errors", () => {
  test("are a sentence for visitors and a traceback for authors", () => {
    const { send, all } = play();
    const sentence = "The app has met an error (id 7f3a).";
    send("error", { ename: "ValueError", evalue: sentence, traceback: [sentence] });
    send("error", { ename: "ValueError", evalue: "bad", traceback: ["\x1b[31mValueError\x1b[0m", "bad"] });
    const [polite, traceback] = all(".stagedoor-error");
    expect(polite.textContent).toBe(sentence);
    expect(traceback.querySelector("span span")!.textContent).toBe("ValueError");
    expect(traceback.textContent).toBe("ValueError\nbad");
  });
});

describe("views", () => {
  test("begin anywhere, end alone, and leave nothing behind", async () => {
    const outputs = createOutputs(fakeStage());
    outputs.handle(message("stream", { name: "stdout", text: "a" }));
    const hosts = [1, 2].map(() => document.body.appendChild(document.createElement("div")));
    const views = hosts.map((host) => outputs.show(host));
    await Promise.all(views.map(({ ready }) => ready));
    views[0].remove();
    outputs.handle(message("stream", { name: "stdout", text: "b" }));
    expect(hosts.map((host) => host.textContent)).toEqual(["", "ab"]);
  });

  test("stay bounded when an app displays without end", () => {
    const { display, all } = play();
    for (let i = 0; i < 1_100; i++) display({ "text/plain": `${i}` });
    expect(all(".stagedoor-output")).toHaveLength(1_000);
    expect(all(".stagedoor-output").at(-1)!.textContent).toBe("1099");
    expect(all(".stagedoor-notice").map((line) => line.textContent)).toEqual([
      "Earlier outputs are not shown: there were too many.",
    ]);
  });

  test("ignore messages that are no outputs", () => {
    const { send, host } = play();
    send("status", { execution_state: "idle" });
    send("comm_msg", {});
    expect(host.textContent).toBe("");
  });
});
