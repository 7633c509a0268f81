import { expect, test } from "vitest";
import { core, room } from "./room.ts";

async function linked(kind: "Link" | "DirectionalLink") {
  const place = room();
  place.open("a", core("Text", { value: "from the source", continuous_update: true }));
  place.open("b", core("Text", { value: "", continuous_update: true }));
  place.open("link", core(kind, { source: ["IPY_MODEL_a", "value"], target: ["IPY_MODEL_b", "value"] }));
  const [a, b] = [await place.show("a"), await place.show("b")];
  const field = ({ all }: typeof a) => all("input")[0] as HTMLInputElement;
  const type = (input: HTMLInputElement, value: string) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return { ...place, a: field(a), b: field(b), type };
}

test("a link holds without any kernel; what it has changed is there to be sent, once", async () => {
  const { a, b, sent } = await linked("DirectionalLink");
  expect([a.value, b.value]).toEqual(["from the source", "from the source"]);
  expect(sent.map(({ commId, data }) => [commId, data.state])).toEqual([["b", { value: "from the source" }]]);
});

test("a link works both ways, and the kernel learns of both ends", async () => {
  const { a, b, type, sent, status, settled } = await linked("Link");
  status(sent[0].id);
  await settled();
  type(b, "back");
  expect(a.value).toBe("back");
  expect(sent.slice(1).map(({ commId, data }) => [commId, data.state])).toEqual([
    ["a", { value: "back" }],
    ["b", { value: "back" }],
  ]);
  type(a, "forth");
  expect(b.value).toBe("forth");
});

test("a directional link works one way", async () => {
  const { a, b, type } = await linked("DirectionalLink");
  type(b, "mine");
  expect(a.value).toBe("from the source");
  type(a, "yours");
  expect(b.value).toBe("yours");
});
