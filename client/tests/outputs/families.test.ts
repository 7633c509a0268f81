import { beforeEach, describe, expect, test, vi } from "vitest";
import { formulas } from "../../src/outputs/formulas.ts";
import type { Widgets } from "../../src/stage.ts";
import { fakeStage, play } from "./stage.ts";

beforeEach(() => document.body.replaceChildren());

describe("JSON", () => {
  test("is a tree that is made as it is opened, however long its lists are", async () => {
    const { display, host, drawn } = play();
    display({ "application/json": { name: "Ada", list: Array.from({ length: 250 }, (_, i) => i) } });
    await drawn();
    const list = host.querySelector<HTMLDetailsElement>("details details")!;
    expect(host.textContent).toContain('name: "Ada"');
    expect(list.open).toBe(false);
    expect(list.children).toHaveLength(1);
    list.open = true;
    list.dispatchEvent(new Event("toggle"));
    expect(list.children).toHaveLength(102);
    list.querySelector("button")!.click();
    list.querySelector("button")!.click();
    expect(list.children).toHaveLength(251);
    expect(list.querySelector("button")).toBeNull();
  });

  test("of a kind that nobody knows is a tree when there is nothing better", async () => {
    const { display, host, drawn } = play();
    display({ "application/ld+json": { name: "Ada" }, "text/plain": "<JSON>" });
    display({ "application/vnd.strange+json": { a: 1 } });
    await drawn();
    expect(host.querySelectorAll("details")).toHaveLength(2);
  });
});

describe("GeoJSON", () => {
  const feature = (type: string, coordinates: unknown, name = "") => ({
    type: "Feature",
    properties: name ? { name } : null,
    geometry: { type, coordinates },
  });

  test("is a map of its points, lines and areas with holes", async () => {
    const { display, host, drawn } = play();
    const square = (size: number) => [[0, 0], [0, size], [size, size], [size, 0], [0, 0]]; // prettier-ignore
    const features = [
      feature("Polygon", [square(40), square(10)], "island"),
      feature("MultiPolygon", [[square(4)], [square(2)]]),
      feature("MultiLineString", [square(3), square(5)]),
      feature("MultiPoint", square(6)),
      feature("Point", [20, 20], "well"),
    ];
    display({ "application/geo+json": { type: "FeatureCollection", features } });
    display({ "application/geo+json": JSON.stringify({ type: "Point", coordinates: [1, 2] }) });
    await drawn();
    const [map, other] = host.querySelectorAll("svg");
    expect(map.querySelectorAll("path")).toHaveLength(4);
    expect(map.querySelectorAll("circle")).toHaveLength(6);
    expect([...map.querySelectorAll("title")].map((title) => title.textContent)).toEqual(["island", "well"]);
    expect(map.querySelector("path")!.getAttribute("d")!.match(/Z/g)).toHaveLength(2);
    expect(map.querySelector("path")!.getAttribute("d"), "north is up").toMatch(/^M0,600/);
    expect(other.querySelectorAll("circle")).toHaveLength(1);
  });
});

describe("formulas", () => {
  const found = (text: string) => formulas(text).map(({ formula }) => [formula.tex, formula.display]);

  test("are what MathJax takes for one, and not money", () => {
    expect(found("$a$ and $$b$$, \\(c\\), \\[d\\]")).toEqual([
      ["a", false],
      ["b", true],
      ["c", false],
      ["d", true],
    ]);
    expect(found("It costs $5 or $10, \\$7 and 3 $ less.")).toEqual([]);
    expect(found("\\begin{align*} x &= 1 \\end{align*}")).toEqual([["\\begin{align*} x &= 1 \\end{align*}", true]]);
    expect(found("$\\displaystyle \\text{5 \\$}$")).toEqual([["\\displaystyle \\text{5 \\$}", false]]);
  });

  test("of LaTeX are MathML among their text", async () => {
    const { display, host, drawn } = play();
    display({ "text/latex": ["Euler: ", "$e^{i\\pi} + 1 = 0$."], "text/plain": "<IPython.core.display.Latex object>" });
    await drawn();
    expect(host.querySelectorAll("math")).toHaveLength(1);
    expect(host.querySelector("msup")).not.toBeNull();
    expect(host.textContent).toMatch(/^Euler: .*\.$/);
  });

  test("that are wrong are shown as they were written", async () => {
    const { display, host, drawn } = play();
    display({ "text/latex": "$\\frac{1$" });
    await drawn();
    expect(host.textContent).toContain("\\frac{1");
  });
});

describe("a widget's view", () => {
  const view = { "application/vnd.jupyter.widget-view+json": { model_id: "m-1" }, "text/plain": "Button()" };

  test("comes from the session's widgets, and goes with its output", async () => {
    const hide = vi.fn();
    const show = vi.fn<Widgets["show"]>(async (_, host) => {
      host.append("the button");
      return hide;
    });
    const { display, outputs, text } = play(fakeStage({ widgets: async () => ({ show }) as unknown as Widgets }));
    display(view);
    expect(text(), "its plain text never flashes up").toEqual([""]);
    await vi.waitFor(() => expect(text()).toEqual(["the button"]));
    expect(show).toHaveBeenCalledWith("m-1", expect.any(HTMLElement));
    outputs.clear();
    expect(hide).toHaveBeenCalledOnce();
  });

  test("that comes after its output has gone is taken away at once", async () => {
    const hide = vi.fn();
    let arrive = (_: () => void) => {};
    const show = () => new Promise<() => void>((resolve) => (arrive = resolve));
    const { display, outputs } = play(fakeStage({ widgets: async () => ({ show }) as unknown as Widgets }));
    display(view);
    await vi.waitFor(() => expect(arrive.length).toBe(1));
    outputs.clear();
    arrive(hide);
    await vi.waitFor(() => expect(hide).toHaveBeenCalledOnce());
  });

  test("that is missing is a polite line", async () => {
    const stage = fakeStage();
    const { display, text } = play(stage);
    display(view);
    await vi.waitFor(() => expect(text()).toEqual(["This control could not be shown."]));
    expect(stage.report).toHaveBeenCalledOnce();
  });
});

describe("a Plotly figure", () => {
  const figure = (title: string) => ({
    "application/vnd.plotly.v1+json": { data: [{ y: [1, 2] }], layout: { title }, frames: [] },
    "text/html": "<i>another form</i>",
  });
  const library = `
    const calls = (globalThis.plotlyCalls = []);
    const draw = (name) => async (element, { layout }) => void calls.push([name, layout.title, element.className]);
    export default { newPlot: draw("newPlot"), react: draw("react"), purge: () => calls.push(["purge"]), Plots: { resize() {} } };`;
  const calls = () =>
    ((globalThis as Record<string, unknown>).plotlyCalls as unknown[][] | undefined)?.map(
      ([name, title]) => title ?? name,
    );

  test("is drawn by the gateway's plotly.js, updated in place, and purged", async () => {
    const assets = { plotly: `data:text/javascript,${encodeURIComponent(library)}` };
    const { display, update, outputs } = play(fakeStage({ assets }));
    display(figure("first"), "chart");
    await vi.waitFor(() => expect(calls()).toEqual(["first"]));
    update(figure("second"), "chart");
    await vi.waitFor(() => expect(calls()).toEqual(["first", "second"]));
    outputs.clear();
    expect(calls()).toEqual(["first", "second", "purge"]);
  });

  test("is shown in another form when the gateway has no plotly.js", () => {
    const { display, text } = play();
    display(figure("x"));
    expect(text()).toEqual(["another form"]);
  });
});
