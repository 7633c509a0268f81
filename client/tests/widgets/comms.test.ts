import { expect, test, vi } from "vitest";
import { core, room } from "./room.ts";

test("a box that is opened before its children shows them", async () => {
  const { open, show } = room();
  open("box", core("HBox", { children: ["IPY_MODEL_a", "IPY_MODEL_b"] }));
  open("b", core("Label", { value: "second" }));
  open("a", core("Label", { value: "first" }));
  const { all } = await show("box");
  await vi.waitFor(() => expect(all(".widget-label").map((label) => label.textContent)).toEqual(["first", "second"]));
});

test("a widget that has been closed leaves no hole and no error in the box that refers to it", async () => {
  const { open, show, stage } = room();
  open("a", core("Label", { value: "here" }));
  open("box", core("HBox", { children: ["IPY_MODEL_gone", "IPY_MODEL_a"] }));
  const { all } = await show("box");
  await vi.waitFor(() => expect(all(".widget-label").map((label) => label.textContent)).toEqual(["here"]));
  expect(stage.report).not.toHaveBeenCalled();
});

test("a box that has begun to wait for a closed widget is shown too", async () => {
  const { open, show, stage } = room();
  open("box", core("HBox", { children: ["IPY_MODEL_gone", "IPY_MODEL_a"] }));
  await new Promise((resolve) => setTimeout(resolve));
  open("a", core("Label", { value: "here" }));
  const { all } = await show("box");
  await vi.waitFor(() => expect(all(".widget-label").map((label) => label.textContent)).toEqual(["here"]));
  expect(stage.report).not.toHaveBeenCalled();
});

test("an update that refers to a closed widget is done, and so are those after it", async () => {
  const { open, update, show } = room();
  open("a", core("Label", { value: "here" }));
  open("box", core("HBox", { children: [] }));
  const { all } = await show("box");
  update("box", { children: ["IPY_MODEL_gone", "IPY_MODEL_a"] });
  update("a", { value: "changed" });
  await vi.waitFor(() => expect(all(".widget-label").map((label) => label.textContent)).toEqual(["changed"]));
});

test("an update of a settled widget is on the page before the browser does anything else", async () => {
  const { open, update, show } = room();
  open("p", core("Label", { value: "before" }));
  const { all } = await show("p");
  update("p", { value: "after" });
  const seen = await new Promise((resolve) => {
    setTimeout(() => resolve(all(".widget-label")[0].textContent));
  });
  expect(seen).toBe("after");
});

test("updates and custom messages reach a model in the order in which they were sent", async () => {
  const { open, update, custom, show, settled } = room();
  open("t", core("Text", { value: "" }));
  const { all } = await show("t");
  const input = all("input")[0] as HTMLInputElement;
  const seen: string[] = [];
  input.addEventListener("focus", () => seen.push(input.value));
  update("t", { value: "1" });
  custom("t", { do: "focus" });
  update("t", { value: "2" });
  await settled();
  expect(seen).toEqual(["1"]);
  expect(input.value).toBe("2");
});

test("one model is shown at two places, which follow it until they are taken away", async () => {
  const { open, update, show, settled } = room();
  open("l", core("Label", { value: "a" }));
  const first = await show("l");
  const second = await show("l");
  first.hide();
  update("l", { value: "b" });
  await settled();
  expect(first.host.innerHTML).toBe("");
  expect(second.host.textContent).toBe("b");
});

test("a widget that the kernel closes goes from the page, even when its place has been thrown away", async () => {
  const { open, close, show, settled, stage } = room();
  open("l", core("Label", { value: "a" }));
  const kept = await show("l");
  const thrown = await show("l");
  thrown.host.remove();
  close("l");
  await settled();
  await vi.waitFor(() => expect(kept.host.innerHTML).toBe(""));
  expect(stage.report).not.toHaveBeenCalled();
  kept.hide();
});

test("only models that there are can be shown", async () => {
  const { open, show } = room();
  await expect(show("nobody")).rejects.toThrow("There is no widget model nobody.");
  open("layout", core("Layout", {}, "@jupyter-widgets/base"));
  await expect(show("layout")).rejects.toThrow("cannot be shown by itself");
});

test("other comms than widgets are none of our business", async () => {
  const { widgets, settled, stage } = room();
  const content = { comm_id: "x", target_name: "bokeh", data: { whatever: 1 } };
  widgets.handle({
    channel: "iopub",
    header: { msg_id: "k", msg_type: "comm_open" },
    parent_header: {},
    metadata: {},
    content,
    buffers: [],
  });
  await settled();
  expect(stage.report).not.toHaveBeenCalled();
});

test("a widget of a package that is not here says so, once to the page, and the rest works", async () => {
  const { open, update, show, stage } = room();
  for (const id of ["a", "b"]) open(id, core("Alien", { value: 1, layout: "IPY_MODEL_l" }, "alien-widgets"));
  open("l", core("Layout", { width: "10px" }, "@jupyter-widgets/base"));
  open("ok", core("Label", { value: "fine" }));
  open("box", core("VBox", { children: ["IPY_MODEL_a", "IPY_MODEL_ok", "IPY_MODEL_b"] }));
  update("a", { value: 2 });
  const { all, host } = await show("box");
  await vi.waitFor(() => expect(all(".stagedoor-absent")).toHaveLength(2));
  expect(host.textContent).toContain("needs the package alien-widgets, which is not available here");
  expect(host.textContent).toContain("fine");
  expect(stage.report.mock.calls.map(([code]) => code)).toEqual(["widget_unavailable"]);
});

test("a binary value gets memory of its own, apart from the frame that it came in", async () => {
  const { open, show } = room();
  const url = new TextEncoder().encode("....https://example.org/cat.png....");
  const value = new DataView(url.buffer, 4, url.byteLength - 8);
  open("i", core("Image", { format: "url" }), [value], [["value"]]);
  const { all } = await show("i");
  expect((all("img")[0] as HTMLImageElement).src).toBe("https://example.org/cat.png");
});

test("after the end of the session nothing is left on the page", async () => {
  const { open, show, widgets } = room();
  open("a", core("Play", { playing: true, interval: 1, max: 100 }));
  open("o", core("Output", { outputs: [], msg_id: "" }, "@jupyter-widgets/output"));
  const views = [await show("a"), await show("o")];
  widgets.dispose();
  await vi.waitFor(() => expect(views.map(({ host }) => host.innerHTML)).toEqual(["", ""]));
});
