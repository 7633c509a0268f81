import { expect, test, vi } from "vitest";
import { core, message, room } from "./room.ts";

const stream = (text: string) => ({ output_type: "stream", name: "stdout", text });

async function outputs(...ids: string[]) {
  const place = room();
  for (const id of ids) place.open(id, core("Output", { outputs: [], msg_id: "" }, "@jupyter-widgets/output"));
  const views = await Promise.all(ids.map((id) => place.show(id)));
  return {
    ...place,
    texts: () => views.map(({ host }) => host.textContent?.trim()),
    async print(text: string, parent: string) {
      const captured = await place.widgets.capturing(parent);
      captured?.handle(message("stream", { name: "stdout", text }, [], parent));
      return !!captured;
    },
  };
}

test("an output widget captures the outputs of the message that it names, and no others", async () => {
  const { update, print, texts } = await outputs("o");
  update("o", { msg_id: "p-7" });
  expect(await print("click\n", "p-7")).toBe(true);
  expect(await print("else\n", "p-8")).toBe(false);
  update("o", { msg_id: "" });
  expect(await print("later\n", "p-7")).toBe(false);
  expect(texts()).toEqual(["click"]);
});

test("of two that are nested, the inner one captures, and then the outer one again", async () => {
  const { update, print, texts } = await outputs("outer", "inner");
  update("outer", { msg_id: "p-1" });
  await print("before ", "p-1");
  update("inner", { msg_id: "p-1" });
  await print("inside", "p-1");
  update("inner", { msg_id: "" });
  await print("after", "p-1");
  expect(texts()).toEqual(["before after", "inside"]);
});

test("a recording's outputs are shown, and a kernel's replace what was captured", async () => {
  const { open, show, update, settled, widgets } = room();
  open("o", core("Output", { outputs: [stream("recorded")], msg_id: "p-1" }, "@jupyter-widgets/output"));
  const { host } = await show("o");
  expect(host.textContent).toContain("recorded");
  (await widgets.capturing("p-1"))!.handle(message("stream", { name: "stdout", text: ", captured" }, [], "p-1"));
  expect(host.textContent).toContain("recorded, captured");
  update("o", { outputs: [stream("recorded")] });
  await settled();
  expect(host.textContent).not.toContain("captured");
  update("o", { outputs: [] });
  await settled();
  expect(host.textContent?.trim()).toBe("");
});

test("the echo of outputs that the gateway has told the kernel changes nothing on the page", async () => {
  const { update, print, texts, settled } = await outputs("o");
  update("o", { msg_id: "p-1" });
  await print("one", "p-1");
  update("o", { outputs: [] }, "g-1", "echo_update");
  await settled();
  expect(texts()).toEqual(["one"]);
});

test("clear_output within it empties it", async () => {
  const { update, print, texts, widgets } = await outputs("o");
  update("o", { msg_id: "p-1" });
  await print("one", "p-1");
  (await widgets.capturing("p-1"))!.handle(message("clear_output", { wait: false }, [], "p-1"));
  expect(texts()).toEqual([""]);
});

test("a display is updated in every output widget that shows it", async () => {
  const { open, show, widgets } = room();
  const display = { output_type: "display_data", data: { "text/plain": "old" }, metadata: {} };
  open("o", core("Output", { outputs: [], msg_id: "p-1" }, "@jupyter-widgets/output"));
  const { host } = await show("o");
  const captured = (await widgets.capturing("p-1"))!;
  captured.handle(message("display_data", { ...display, transient: { display_id: "d" } }));
  const content = { data: { "text/plain": "new" }, metadata: {}, transient: { display_id: "d" } };
  widgets.updateDisplay(message("update_display_data", content));
  await vi.waitFor(() => expect(host.textContent).toContain("new"));
  expect(host.textContent).not.toContain("old");
});

test("the page never sends outputs", async () => {
  const { update, print, settled, sent } = await outputs("o");
  update("o", { msg_id: "p-1" });
  await print("one", "p-1");
  update("o", { msg_id: "", outputs: [stream("two")] });
  await settled();
  expect(sent).toEqual([]);
});
