import { expect, test } from "vitest";
import { core, room } from "./room.ts";

async function linked(kind: "Link" | "DirectionalLink") {
  const place = room();
  place.open("a", core("Text", { value: "from the source", continuous_update: true }));
  place.open("b", core("Text", { value: "", continuous_update: true }));
  place.open("link", core(kind, { source: ["IPY_MODEL_a", "value"], target: ["IPY_MODEL_b", "value"] }));
  place.open("button", core("Button", { description: "go", icon: "" }));
  const [a, b, button] = [await place.show("a"), await place.show("b"), await place.show("button")];
  const field = ({ all }: typeof a) => all("input")[0] as HTMLInputElement;
  const type = (input: HTMLInputElement, value: string) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return { ...place, a: field(a), b: field(b), type, press: () => button.all("button")[0].click() };
}

test("a link holds without any kernel, and a page that nobody uses sends nothing", async () => {
  const { a, b, sent } = await linked("DirectionalLink");
  expect([a.value, b.value]).toEqual(["from the source", "from the source"]);
  expect(sent).toEqual([]);
});

test("the kernel is told what the link has changed, before the visitor's first action", async () => {
  const { press, sent } = await linked("Link");
  press();
  expect(sent.map(({ commId, data }) => [commId, data.state ?? data.content])).toEqual([
    ["b", { value: "from the source" }],
    ["button", { event: "click" }],
  ]);
});

test("a link works both ways, and the kernel learns of both ends", async () => {
  const { a, b, type, sent } = await linked("Link");
  type(b, "back");
  expect(a.value).toBe("back");
  expect(sent.map(({ commId, data }) => [commId, data.state])).toEqual([
    ["a", { value: "back" }],
    ["b", { value: "back" }],
  ]);
  type(a, "forth");
  expect(b.value).toBe("forth");
});

test("once the kernel is there, a link tells it at once", async () => {
  const { update, settled, sent } = await linked("Link");
  update("button", { description: "stop" });
  await settled();
  expect(sent.map(({ commId, data }) => [commId, data.state])).toEqual([["b", { value: "from the source" }]]);
  update("a", { value: "changed by the kernel" });
  await settled();
  expect(sent).toHaveLength(1); // the second waits for the answer to the first
});

test("a pointer that passes over a widget is a use only if the widget makes something of it", async () => {
  const { sent, open, show, stage } = await linked("Link");
  open("c", core("Checkbox", { value: false, description: "" }));
  const { all } = await show("c");
  all("input")[0].dispatchEvent(new Event("pointermove", { bubbles: true }));
  expect(sent).toEqual([]);
  expect(stage.sendComm).not.toHaveBeenCalled();
});

test("a directional link works one way", async () => {
  const { a, b, type } = await linked("DirectionalLink");
  type(b, "mine");
  expect(a.value).toBe("from the source");
  type(a, "yours");
  expect(b.value).toBe("yours");
});
