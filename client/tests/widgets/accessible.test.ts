import { expect, test, vi } from "vitest";
import { core, room } from "./room.ts";

/** What screen readers get of a part: its role, its name, and its states. */
function told(part: HTMLElement): string[] {
  return ["role", "aria-label", "aria-pressed", "aria-expanded", "aria-valuenow"]
    .map((name) => part.getAttribute(name))
    .filter((value) => value !== null);
}

async function shown(name: string, state: object, selector: string) {
  const place = room();
  place.open("w", core(name, { description: "Price", ...state }));
  const { all } = await place.show("w");
  await vi.waitFor(() => expect(told(all(selector)[0])).not.toEqual([]));
  return { ...place, parts: () => all(selector).map(told) };
}

test("both handles of a range slider have a name", async () => {
  const state = { value: [2, 4], min: 0, max: 10, step: 1, readout: true, readout_format: "d", behaviour: "drag-tap" };
  const { parts } = await shown("IntRangeSlider", { ...state, orientation: "horizontal" }, "[role=slider]");
  await vi.waitFor(() => expect(parts().map(([, name]) => name)).toEqual(["Price (from)", "Price (to)"]));
});

test("progress is told", async () => {
  const { parts, update, settled } = await shown(
    "IntProgress",
    { value: 1, min: 0, max: 4, _view_name: "ProgressView" },
    ".progress",
  );
  await vi.waitFor(() => expect(parts()).toEqual([["progressbar", "Price", "1"]]));
  update("w", { value: 3 });
  await settled();
  expect(parts()).toEqual([["progressbar", "Price", "3"]]);
});

test("a toggle tells whether it is on", async () => {
  const { parts, update, settled } = await shown("ToggleButton", { value: false, icon: "" }, "button");
  expect(parts()).toEqual([["false"]]);
  update("w", { value: true });
  await settled();
  expect(parts()).toEqual([["true"]]);
});

test("of several toggles one is on", async () => {
  const { parts } = await shown("ToggleButtons", { _options_labels: ["a", "b"], index: 1 }, "button");
  expect(parts()).toEqual([["false"], ["true"]]);
});

test("an accordion is opened by the keyboard", async () => {
  const { open, show, sent } = room();
  open("l", core("Label", { value: "inside" }));
  open("a", core("Accordion", { children: ["IPY_MODEL_l"], titles: ["fold"], selected_index: null }));
  const { all } = await show("a");
  const headers = () => all(".jupyter-widget-Collapse-header");
  await vi.waitFor(() => expect(headers().map(told)).toEqual([["button", "false"]]));
  expect(headers()[0].tabIndex).toBe(0);
  headers()[0].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  expect(headers().map(told)).toEqual([["button", "true"]]);
  expect(sent.map(({ data }) => data.state)).toEqual([{ selected_index: 0 }]);
});
