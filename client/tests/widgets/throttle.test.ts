import { expect, test, vi } from "vitest";
import { core, room } from "./room.ts";

/** A slider's value as a visitor's hand changes it. */
async function slider() {
  const place = room();
  place.open("s", core("Text", { value: "", continuous_update: true }));
  const { all } = await place.show("s");
  const input = all("input")[0] as HTMLInputElement;
  return {
    ...place,
    input,
    type(value: string) {
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    },
    told: () => place.sent.map(({ data }) => (data.state as { value: string }).value),
  };
}

test("while the kernel is busy with a change, later ones wait, and only the last of them is sent", async () => {
  const { type, told, sent, status, settled } = await slider();
  type("a");
  type("ab");
  type("abc");
  expect(told()).toEqual(["a"]);
  expect(sent[0]).toMatchObject({ commId: "s", data: { method: "update", buffer_paths: [] } });
  status("p-0", "busy");
  expect(told()).toEqual(["a"]);
  status("p-0", "idle");
  await settled();
  expect(told()).toEqual(["a", "abc"]);
  status("p-1");
  type("abcd");
  expect(told()).toEqual(["a", "abc", "abcd"]);
});

test("the kernel's echo of an old change does not undo a newer one", async () => {
  const { type, input, update, status, settled } = await slider();
  type("a");
  type("ab");
  update("s", { value: "a" }, "p-0", "echo_update");
  status("p-0");
  await settled();
  expect(input.value).toBe("ab");
  update("s", { value: "a" }, "p-0", "echo_update");
  await settled();
  expect(input.value).toBe("ab");
});

test("what the kernel itself makes of a change is shown", async () => {
  const { type, input, update, settled } = await slider();
  type("a");
  update("s", { value: "a" }, "p-0", "echo_update");
  update("s", { value: "A" }, "p-0");
  await settled();
  expect(input.value).toBe("A");
});

test("an answer to a message that nobody waits for is ignored", async () => {
  const { status, settled, stage } = await slider();
  status("someone else's");
  await settled();
  expect(stage.report).not.toHaveBeenCalled();
});

test("what the kernel has never told of is not sent", async () => {
  const { open, show, sent } = room();
  const esm = "the text of behaviour.ts";
  vi.spyOn(URL, "createObjectURL").mockReturnValue(`${import.meta.dirname}/behaviour.ts`);
  open("c", core("Any", { _esm: esm, count: 1 }, "anywidget"));
  const { all } = await show("c");
  await vi.waitFor(() => expect(all("button")).toHaveLength(1));
  all("button")[0].click(); // changes `count`, and `bytes`
  expect(sent[0]).toMatchObject({ data: { state: { count: 2 }, buffer_paths: [] }, buffers: [] });
});
