import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { core, message, room } from "./room.ts";

/** See record.py. */
const recording = readFileSync(`${import.meta.dirname}/recording.jsonl`, "utf8")
  .trim()
  .split("\n");

/** The page of the recorded app: all core widgets in one box. */
async function page() {
  const place = room();
  let box = "";
  for (const line of recording) {
    const { type, content, buffers } = JSON.parse(line) as { type: string; content: never; buffers: string[] };
    const views = buffers.map((text) => new DataView(Uint8Array.from(Buffer.from(text, "base64")).buffer));
    place.widgets.handle(message(type, content, views));
    const { comm_id, data } = content as { comm_id: string; data: { state?: { _model_name?: string } } };
    if (data.state?._model_name === "VBoxModel") box = comm_id;
  }
  return { ...place, ...(await place.show(box)) };
}

test("every core widget of a real kernel is shown; nothing is reported, and the kernel is asked for nothing", async () => {
  const { all, host, stage, sent } = await page();
  await vi.waitFor(() => {
    expect(all(".widget-vbox > *")).toHaveLength(57);
    for (const text of ["bold", "label", "in a box", "in a tab", "in a fold", "on top", "go", "gamepads"])
      expect(host.textContent).toContain(text);
  });
  expect(all(".widget-slider .noUi-handle").length).toBeGreaterThan(8);
  expect(all("img, audio, video")).toHaveLength(3);
  expect(stage.report).not.toHaveBeenCalled();
  expect(sent).toEqual([]);
});

test("an icon is drawn, and drawn anew when the widget changes it", async () => {
  const { open, update, show } = room();
  open("b", core("Button", { description: "go", icon: "check" }));
  const { all } = await show("b");
  await vi.waitFor(() => expect(all("i.fa-check > svg > path")).toHaveLength(1));
  update("b", { icon: "rocket" });
  await vi.waitFor(() => expect(all("i.fa-rocket > svg > path")).toHaveLength(1));
  update("b", { icon: "no-such-icon" });
  await vi.waitFor(() => expect(all("i.fa-no-such-icon")).toHaveLength(1));
  expect(all("button")[0].textContent).toBe("go");
});

test("formulas are typeset, and the style sheet for them comes with them", async () => {
  const { open, show, stage } = room();
  open("h", core("HTMLMath", { value: "so $x^2$ and <code>$y$</code>" }));
  const sheets = stage.style.mock.calls.length;
  const { all } = await show("h");
  await vi.waitFor(() => expect(all("math")).toHaveLength(1), 5_000);
  expect(all("code")[0].textContent).toBe("$y$");
  expect(stage.style.mock.calls.length).toBe(sheets + 1);
});

test("a file that a visitor gives is sent in binary", async () => {
  const { open, show, sent } = room();
  open("u", core("FileUpload", { value: [], description: "Upload", icon: "", multiple: false }));
  const chosen: HTMLInputElement[] = [];
  vi.spyOn(HTMLInputElement.prototype, "click").mockImplementation(function (this: HTMLInputElement) {
    chosen.push(this);
  });
  const { all } = await show("u");
  all("button")[0].click();
  Object.defineProperty(chosen[0], "files", { value: [new File([new Uint8Array([1, 2, 255])], "a.bin")] });
  chosen[0].dispatchEvent(new Event("change"));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0].data).toMatchObject({ method: "update", buffer_paths: [["value", 0, "content"]] });
  expect(sent[0].data.state).toMatchObject({ value: [{ name: "a.bin", size: 3 }] });
  expect([...new Uint8Array(sent[0].buffers![0] as ArrayBuffer)]).toEqual([1, 2, 255]);
});

test("a player stops when its session ends", async () => {
  const { open, show, widgets, sent } = room();
  open("p", core("Play", { value: 0, min: 0, max: 1000, step: 1, interval: 1, playing: false }));
  const { all } = await show("p");
  all("button")[0].click();
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
  const failed = vi.spyOn(console, "error");
  const count = sent.length;
  widgets.dispose();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toHaveLength(count);
  expect(failed).not.toHaveBeenCalled();
});
