import { beforeEach, expect, test, vi } from "vitest";
import { events } from "./behaviour.ts";
import { core, room } from "./room.ts";

const text = "the text of behaviour.ts";

beforeEach(() => {
  events.length = 0;
  // Node imports no blobs.
  vi.spyOn(URL, "createObjectURL").mockReturnValue(`${import.meta.dirname}/behaviour.ts`);
});

function any(state: object) {
  return core("Any", { _esm: text, _css: ".counter { color: red }", ...state }, "anywidget");
}

async function counter() {
  const place = room();
  place.open("c", any({ count: 1, bytes: new DataView(new ArrayBuffer(0)) }));
  const { all, hide } = await place.show("c");
  await vi.waitFor(() => expect(all("button")).toHaveLength(1));
  return { ...place, hide, all, button: all("button")[0] };
}

test("it initializes its model once and renders each of its views", async () => {
  const { show, stage, button } = await counter();
  const second = await show("c");
  await vi.waitFor(() => expect(second.all("button")).toHaveLength(1));
  expect(button.textContent).toBe("count 1");
  expect(events).toEqual(["initialize 1"]);
  expect(stage.style).toHaveBeenCalledWith(".counter { color: red }");
});

test("it hears of the kernel's changes and messages", async () => {
  const { update, custom, settled, button } = await counter();
  update("c", { count: 5 });
  custom("c", { say: "hello" }, [new DataView(new ArrayBuffer(3))]);
  await settled();
  expect(button.textContent).toBe("count 5");
  expect(events).toEqual(["initialize 1", "count 5", "hello 3"]);
});

test("it sends changes, binary ones too, and messages", async () => {
  const { button, sent } = await counter();
  button.click();
  expect(sent.map(({ data }) => data)).toEqual([
    { method: "update", state: { count: 2 }, buffer_paths: [["bytes"]] },
    { method: "custom", content: { pressed: true } },
  ]);
  expect(sent.map(({ buffers }) => [...new Uint8Array(buffers![0] as ArrayBuffer)])).toEqual([[2, 3], [9]]);
});

test("it cleans up after a view and after the model", async () => {
  const { hide, close, update, settled, button, stage } = await counter();
  expect(stage.open).not.toHaveBeenCalled();
  hide();
  await vi.waitFor(() => expect(events).toEqual(["initialize 1", "view gone"]));
  update("c", { count: 7 });
  await settled();
  expect(button.textContent).toBe("count 1");
  close("c");
  await vi.waitFor(() => expect(events).toEqual(["initialize 1", "view gone", "count 7", "model gone"]));
});

test("code that fails is told to the page, and to the visitor politely", async () => {
  vi.mocked(URL.createObjectURL).mockReturnValue("/no/such/module.mjs");
  const { open, show, stage } = room();
  open("c", any({ _esm: "something else" }));
  const { host } = await show("c");
  await vi.waitFor(() => expect(host.textContent).toBe("This widget could not be shown."));
  expect(stage.report.mock.calls.map(([code]) => code)).toEqual(["widget_failed"]);
});

test("new code takes the old one's place, in every view", async () => {
  const { update, settled, show, all, button, stage } = await counter();
  const second = await show("c");
  await vi.waitFor(() => expect(second.all("button")).toHaveLength(1));
  update("c", { count: 4, _css: ".counter { color: blue }", _esm: `${text}, changed` });
  await settled();
  await vi.waitFor(() => expect(all("button")[0]?.textContent).toBe("count 4"));
  await vi.waitFor(() => expect(second.all("button")).toHaveLength(1));
  expect(all("button")).toHaveLength(1);
  expect(all("button")[0]).not.toBe(button);
  expect(stage.style).toHaveBeenLastCalledWith(".counter { color: blue }");
  expect(events.filter((event) => event === "view gone")).toHaveLength(2);
  expect(events.filter((event) => event === "model gone")).toHaveLength(1);
  update("c", { count: 6 });
  await settled();
  expect(events.filter((event) => event === "count 6")).toHaveLength(1);
});

test("a command of the Python class is called and answered", async () => {
  const { custom, settled, sent, all } = await counter();
  all("button")[0].dispatchEvent(new Event("dblclick"));
  const { id, ...call } = sent[0].data.content as { id: string };
  expect(call).toEqual({ kind: "anywidget-command", name: "double", msg: 1 });
  custom("c", { id: "another call's", response: 7 });
  custom("c", { id, kind: "anywidget-command-response", response: 2 }, [new DataView(new ArrayBuffer(4))]);
  await settled();
  await vi.waitFor(() => expect(events).toContain("answer 2 4"));
  expect(events).not.toContain("answer 7 0");
});

test("a widget that holds others finds their models and shows them", async () => {
  const { open, show } = await counter();
  open("h", any({ holds: "anywidget:c", count: 8 }));
  const { all } = await show("h");
  await vi.waitFor(() => expect(all("button")).toHaveLength(2));
  expect(all("button").map((button) => button.textContent)).toEqual(["count 1", "count 8"]);
});

test("what draws nothing until the kernel answers opens the session", async () => {
  const drawing = await counter();
  drawing.open("e", any({ draws: "nothing" }));
  await drawing.show("e");
  await vi.waitFor(() => expect(drawing.stage.open).toHaveBeenCalledOnce());
  expect(drawing.sent.map(({ data }) => data.content)).toEqual(["the rest of my code, please"]);
});
