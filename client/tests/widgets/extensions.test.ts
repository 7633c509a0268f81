import { beforeEach, expect, test, vi } from "vitest";
import type { Extension } from "../../src/stage.ts";
import { loaded, scripts, serveScripts } from "../scripts.ts";
import { core, room } from "./room.ts";

type Any = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- what a package exports is its own affair
type Scope = Record<string, Record<string, { get: () => Promise<() => Any>; from: string; loaded?: number }>>;

const REGISTRY = { name: "jupyter.extensions.jupyterWidgetRegistry" };

/** What the gateway serves: the text of a module. */
const texts = new Map<string, string>();
let count = 0;

serveScripts();

beforeEach(() => {
  vi.stubGlobal("fetch", async (address: URL) => {
    loaded.push(address.href);
    return new Response(texts.get(address.href) ?? "", { status: texts.has(address.href) ? 200 : 404 });
  });
});

/** Serves a container as webpack builds it; `plugins` are made of what it finds in the scope. */
function serve(name: string, plugins: (base: Any, scope: Scope) => unknown, own?: () => unknown): Extension {
  const address = `assets/${++count}/remoteEntry.js`;
  scripts.set(`https://live.example.org/${address}`, () => {
    let scope: Scope;
    const containers = ((globalThis as Any)._JUPYTERLAB ??= {});
    containers[name] = {
      init(given: Scope) {
        scope = given;
        const offer = given[name]?.["1.0.0"];
        if (own && !offer?.loaded) (given[name] ??= {})["1.0.0"] = { get: async () => own, from: name };
      },
      async get() {
        const base = (await Object.values(scope["@jupyter-widgets/base"])[0].get())();
        const made = { default: await plugins(base, scope) };
        return () => made;
      },
    };
  });
  return { kind: "federated", address, name, version: "1.0.0", modules: ["./extension"] };
}

function plotPlugin(base: Any, name = "plots", label = "a plot") {
  class PlotModel extends base.DOMWidgetModel {}
  class PlotView extends base.DOMWidgetView {
    render() {
      this.$el.append(document.createElement("canvas")).addClass("plot");
      this.el.title = `${label} of ${this.model.get("points")}`;
    }
  }
  const exports = () => Promise.resolve({ PlotModel, PlotView });
  return {
    id: "plots:plugin",
    requires: [REGISTRY],
    activate: (_: object, registry: Any) => registry.registerWidget({ name, version: "1.0.0", exports }),
  };
}

test("a widget of an extension is made of the page's own classes, and its code is loaded once", async () => {
  const plots = serve("plots", (base) => plotPlugin(base));
  const { open, show, update, settled } = room({ plots });
  expect(loaded).toEqual([]);
  open("p", core("Plot", { points: 3 }, "plots"));
  open("q", core("Plot", { points: 4 }, "plots"));
  const { host } = await show("p");
  expect(host.querySelector(".plot canvas")).not.toBeNull();
  expect(host.querySelector<HTMLElement>(".plot")!.title).toBe("a plot of 3");
  update("p", { points: 5 });
  await settled();
  expect((await show("p")).host.querySelector<HTMLElement>(".plot")!.title).toBe("a plot of 5");
  expect((await show("q")).host.querySelector<HTMLElement>(".plot")!.title).toBe("a plot of 4");
  expect(loaded).toHaveLength(1);
});

test("a package may register its widgets under another name, by one of several plugins", async () => {
  const other = { id: "menu", requires: [{ name: "ICommandPalette" }], activate: vi.fn() };
  const named = serve("jupyterlab-plots", (base) => [other, plotPlugin(base, "plotwidget")]);
  const { open, show } = room({ plotwidget: named });
  open("p", core("Plot", { points: 1 }, "plotwidget"));
  expect((await show("p")).all(".plot")).toHaveLength(1);
  expect(other.activate).not.toHaveBeenCalled();
});

test("an extension that builds on another one finds it", async () => {
  const below = serve(
    "below",
    () => [],
    () => ({ label: "a fine plot" }),
  );
  const above = serve("above", async (base, scope) => {
    const offer = scope.below["1.0.0"];
    offer.loaded = 1; // as webpack notes it
    return plotPlugin(base, "above", (await offer.get())().label);
  });
  const { open, show } = room({ above, below });
  open("p", core("Plot", { points: 1 }, "above"));
  expect((await show("p")).host.querySelector<HTMLElement>(".plot")!.title).toBe("a fine plot of 1");
  expect(loaded).toHaveLength(2);
});

test.each([
  [
    "does not load",
    { kind: "federated", address: "assets/none.js", name: "x", version: "1", modules: ["./extension"] },
  ],
  ["registers nothing of this name", serve("x", (base) => plotPlugin(base, "y"))],
  ["fails when it is run", serve("x", () => Promise.reject(new Error("no luck")))],
  ["is of a kind to come", { kind: "new", address: "assets/new.js" } as never],
  ["is a module that is not there", { kind: "amd", address: "assets/none/index.js" }],
] as [string, Extension][])(
  "an extension that %s is said to be missing, politely, and the rest works",
  async (_, x) => {
    const { open, show, stage } = room({ x });
    open("b", core("Button", { description: "Go", layout: null, style: null }));
    open("p", core("Plot", {}, "x"));
    expect((await show("p")).host.textContent).toBe("This widget needs the package x, which is not available here.");
    expect((await show("b")).all("button")[0].textContent).toBe("Go");
    expect(stage.report.mock.calls.map(([code]) => code)).toEqual(["widget_unavailable"]);
    expect(stage.report.mock.calls[0][1]).toContain("the package x is not available here: ");
  },
);

test("a classic extension is given what it asks for, and leaves no loader behind", async () => {
  const root = "https://live.example.org/assets/amd";
  texts.set(
    `${root}/index.js`,
    `define(["@jupyter-widgets/base", "./parts/label", "three", "base/js/namespace", "module"], (base, label, three, jupyter, module) => {
       class PlotModel extends base.DOMWidgetModel {}
       class PlotView extends base.DOMWidgetView {
         render() { this.el.title = label.make(three.times(this.model.get("points")), module.uri); }
       }
       return { PlotModel, PlotView };
     });`,
  );
  texts.set(
    `${root}/parts/label.js`,
    `define(function (require, exports) { exports.make = (points, uri) => points + " " + uri; });`,
  );
  texts.set(`${root}/three.js`, `define({ times: (number) => 3 * number });`);
  const { open, show } = room({ classic: { kind: "amd", address: "assets/amd/index.js" } });
  open("p", core("Plot", { points: 7 }, "classic"));
  const { host } = await show("p");
  expect(host.querySelector<HTMLElement>(".stagedoor-widgets > *")!.title).toBe(`21 ${root}/index.js`);
  expect(globalThis).not.toHaveProperty("define");
  expect(globalThis).not.toHaveProperty("require.config");
});

test("a classic extension that needs what is not here says what", async () => {
  texts.set("https://live.example.org/assets/needy/index.js", `define(["three"], () => ({}));`);
  const { open, show, stage } = room({ needy: { kind: "amd", address: "assets/needy/index.js" } });
  open("p", core("Plot", {}, "needy"));
  await show("p");
  expect(stage.report.mock.calls[0][1]).toContain("it needs three, which is not here");
});

test("a model that a widget's own code makes is the page's alone", async () => {
  const plots = serve("plots", (base) => {
    class PlotModel extends base.DOMWidgetModel {
      async helper() {
        const name = {
          model_name: "LayoutModel",
          model_module: "@jupyter-widgets/base",
          model_module_version: "2.0.0",
        };
        const view = { view_name: "LayoutView", view_module: "@jupyter-widgets/base", view_module_version: "2.0.0" };
        return this.widget_manager.new_widget({ ...name, ...view });
      }
    }
    class PlotView extends base.DOMWidgetView {
      async render() {
        const helper = await this.model.helper();
        helper.set("width", "10px");
        helper.save_changes();
        this.model.set({
          points: 9,
          helper: "IPY_MODEL_" + helper.model_id,
          helpers: ["IPY_MODEL_" + helper.model_id],
        });
        this.model.save_changes();
      }
    }
    const registration = { name: "plots", exports: { PlotModel, PlotView } };
    return { requires: [REGISTRY], activate: (_: object, registry: Any) => registry.registerWidget(registration) };
  });
  const { open, show, sent } = room({ plots });
  open("p", core("Plot", { points: 3, helper: null, helpers: [] }, "plots"));
  await show("p");
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ commId: "p", data: { method: "update", state: { points: 9 } } });
  expect(Object.keys((sent[0].data as Any).state)).toEqual(["points"]);
});

test("a model whose code fails is said so in its place; what holds it is shown", async () => {
  const plots = serve("plots", (base) => {
    class PlotModel extends base.DOMWidgetModel {
      initialize() {
        throw new Error("no luck");
      }
    }
    const registration = { name: "plots", exports: { PlotModel } };
    return { requires: [REGISTRY], activate: (_: object, registry: Any) => registry.registerWidget(registration) };
  });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { open, show, stage } = room({ plots });
  open("p", core("Plot", {}, "plots"));
  open("b", core("Button", { description: "Go", layout: null, style: null }));
  open("h", core("HBox", { children: ["IPY_MODEL_b", "IPY_MODEL_p"] }));
  const { host } = await show("h");
  await vi.waitFor(() => expect(host.textContent).toBe("GoThis widget could not be shown."));
  expect(stage.report.mock.calls.map(([code]) => code)).toEqual(["widget_failed"]);
});
