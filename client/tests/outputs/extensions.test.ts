import { afterEach, describe, expect, test, vi } from "vitest";
import type { MimeExtension, Stage } from "../../src/stage.ts";
import { loaded, scripts, serveScripts } from "../scripts.ts";
import { fakeStage, play } from "./stage.ts";

type Any = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- what a package exports is its own affair

const NOTES = "application/vnd.notes";

let count = 0;

serveScripts();

afterEach(() => {
  vi.useRealTimers();
});

/** Serves a container as webpack builds it, whose module is made of what it finds of Lumino. */
function serve(make: (lumino: Any) => unknown, types = [NOTES], name = "notes"): MimeExtension {
  const address = `assets/mime-${++count}/remoteEntry.js`;
  scripts.set(`https://live.example.org/${address}`, () => {
    let scope: Any;
    ((globalThis as Any)._JUPYTERLAB ??= {})[name] = {
      init: (given: Any) => void (scope = given),
      async get() {
        const [offer] = Object.values<Any>(scope["@lumino/widgets"]);
        const made = { __esModule: true, default: await make((await offer.get())()) };
        return () => made;
      },
    };
  });
  return { kind: "federated", address, name, version: "1.0.0", modules: ["./mimeExtension"], types };
}

/** An extension that writes what it is given; `render` may do something else. */
function notes(rank?: number, defaultRank?: number, render = async (_: Any, __: Any): Promise<void> => undefined) {
  const made: Any[] = [];
  const extension = serve(({ Widget }) => {
    class Notes extends Widget {
      constructor(readonly options: Any) {
        super();
        this.addClass("notes");
        made.push(this);
      }
      renderModel(model: Any) {
        this.node.textContent = `♪ ${model.data[NOTES]} ${this.isAttached}`;
        return render(model, this);
      }
    }
    const rendererFactory = { mimeTypes: [NOTES], defaultRank, createRenderer: (options: Any) => new Notes(options) };
    return [{ id: "notes:factory", rendererFactory, rank, dataType: "string" }];
  });
  return { extension, made };
}

function withExtensions(...renderers: MimeExtension[]) {
  return { ...fakeStage(), renderers, report: vi.fn<Stage["report"]>() };
}

/** Waits for what is in sight. */
function seen(page: ReturnType<typeof play>, texts: string[]): Promise<void> {
  return vi.waitFor(() => expect(page.seen()).toEqual(texts));
}

describe("a type that an extension draws", () => {
  test("is drawn in its place, by code that is loaded once and when it is needed", async () => {
    const { extension, made } = notes();
    const stage = withExtensions(extension);
    const page = play(stage);
    page.display({ "text/plain": "words", "application/vnd.else": 1 });
    await page.drawn();
    expect(loaded).toEqual([]);
    page.display({ [NOTES]: "do", "text/plain": "words" }, undefined, { [NOTES]: { key: "C" } });
    page.display({ [NOTES]: ["re", "mi"] });
    await page.drawn();
    expect(page.seen()).toEqual(["words", "♪ do true", "♪ remi true"]);
    expect(loaded).toHaveLength(1);
    expect(page.all(".stagedoor-renderer > .notes.jp-OutputArea-output")).toHaveLength(2);
    const { options } = made[0];
    expect(options.mimeType).toBe(NOTES);
    expect(options.sanitizer.sanitize("<b>b</b>")).toContain("b");
    expect(await options.resolver.getDownloadUrl(await options.resolver.resolveUrl("a.csv"))).toBe("a.csv");
    expect(stage.report).not.toHaveBeenCalled();
  });

  test("has the whole bundle and its metadata, which stay as they are", async () => {
    const models: Any[] = [];
    const { extension } = notes(0, 0, async (model) => {
      models.push(structuredClone({ data: model.data, metadata: model.metadata, trusted: model.trusted }));
      model.data.extra.list.push(2);
      model.setData({ data: { ...model.data, "image/png": "AA==" } });
    });
    const page = play(withExtensions(extension));
    const data = { [NOTES]: "do", extra: { list: [1] } };
    page.display(data, undefined, { [NOTES]: { key: "C" } });
    await page.drawn();
    expect(data).toEqual({ [NOTES]: "do", extra: { list: [1] } });
    expect(models[0]).toEqual({ data, metadata: { [NOTES]: { key: "C" } }, trusted: true });
  });

  test("is drawn anew when it is updated by display_id, and freed when it is not there any more", async () => {
    const { extension, made } = notes();
    const page = play(withExtensions(extension));
    page.display({ [NOTES]: "do" }, "tune");
    await seen(page, ["♪ do true"]);
    page.update({ [NOTES]: "re" }, "tune");
    await seen(page, ["♪ re true"]);
    expect(made.map(({ isDisposed }) => isDisposed)).toEqual([true, false]);
    page.update({ "text/plain": "words" }, "tune");
    expect(page.seen()).toEqual(["words"]);
    page.update({ [NOTES]: "mi" }, "tune");
    await seen(page, ["♪ mi true"]);
    page.outputs.clear();
    expect(made.map(({ isDisposed }) => isDisposed)).toEqual([true, true, true]);
  });

  test.each([
    ["goes after HTML by default", undefined, undefined, "html"],
    ["goes before HTML when it says so", 10, undefined, "♪ do true"],
    ["goes before HTML when its factory says so", undefined, 10, "♪ do true"],
    ["goes after HTML when it says so, whatever its factory says", 60, 10, "html"],
  ])("%s", async (_, rank, defaultRank, seen) => {
    const page = play(withExtensions(notes(rank, defaultRank).extension));
    page.display({ [NOTES]: "do", "text/html": "html", "image/png": "AA==" });
    await page.drawn();
    expect(page.seen()).toEqual([seen]);
  });

  test("is that of the extension of the lowest rank", async () => {
    const richer = notes(20, 0, async (_, it) => void (it.node.textContent = "20"));
    const page = play(withExtensions(notes(80).extension, richer.extension));
    page.display({ [NOTES]: "do" });
    await page.drawn();
    expect(page.seen()).toEqual(["20"]);
  });

  test("does not keep others waiting for ever", async () => {
    const { extension } = notes(0, 0, (model) =>
      model.data[NOTES] === "do" ? Promise.resolve() : new Promise(() => {}),
    );
    const page = play(withExtensions(extension));
    const script = { "application/javascript": "element.append('a script')" };
    page.display({ [NOTES]: "do" });
    page.display(script);
    await seen(page, ["♪ do true", "a script"]);
    page.outputs.clear();
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    page.display({ [NOTES]: "re" });
    page.display(script);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(page.seen()).toEqual(["♪ re true", ""]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(page.seen()).toEqual(["♪ re true", "a script"]);
  });
});

test("what the page knows it draws by itself", async () => {
  const extension = serve(() => [], ["text/html", "application/geo+json"]);
  const page = play(withExtensions(extension));
  page.display({ "text/html": "<b>html</b>" });
  page.display({ "application/geo+json": { type: "Point", coordinates: [0, 0] } });
  await page.drawn();
  expect(page.all("b, svg.stagedoor-map")).toHaveLength(2);
  expect(loaded).toEqual([]);
});

test("a chart of Plotly is an extension's affair where the app has no plotly.js", async () => {
  const PLOTLY = "application/vnd.plotly.v1+json";
  const extension = serve(
    ({ Widget }) => {
      class Chart extends Widget {
        renderModel = async () => void (this.node.textContent = "a chart");
      }
      return { rendererFactory: { mimeTypes: [PLOTLY], createRenderer: () => new Chart() }, rank: 0 };
    },
    [PLOTLY],
  );
  const page = play(withExtensions(extension));
  page.display({ [PLOTLY]: {} });
  await page.drawn();
  expect(page.seen()).toEqual(["a chart"]);
});

function fail(): never {
  throw new Error("no luck");
}

describe("where an extension fails", () => {
  test.each([
    ["its code does not load", { ...serve(() => []), address: "assets/none.js" }],
    ["its code fails", serve(() => Promise.reject(new Error("no luck")))],
    ["it draws nothing", serve(() => ({ id: "other", activate: () => undefined }))],
  ] as [string, MimeExtension][])("since %s, the next best form is seen", async (what, extension) => {
    const stage = withExtensions(extension);
    const page = play(stage);
    page.display({ [NOTES]: "do", "text/plain": "words" });
    page.display({ [NOTES]: "do" });
    await page.drawn();
    expect(page.seen()).toEqual(["words", "This output has no form that a page can show."]);
    const reported = stage.report.mock.calls.map(([code, message]) => `${code}: ${message}`);
    if (what === "it draws nothing") expect(reported).toEqual([]);
    else
      expect(reported).toEqual([expect.stringMatching(/^renderer_unavailable: The extension notes is not available/)]);
  });

  test.each([
    ["at once", fail],
    ["later", () => Promise.reject(new Error("no luck"))],
  ])("in drawing, %s, the next best form is seen", async (_, render) => {
    const { extension, made } = notes(0, 0, render);
    const stage = withExtensions(extension);
    const page = play(stage);
    page.display({ [NOTES]: "do", "text/html": "<b>html</b>", "text/plain": "words" });
    await seen(page, ["html"]);
    expect(made[0].isDisposed).toBe(true);
    expect(stage.report.mock.calls.map(([code, message]) => [code, message])).toEqual([
      ["output_failed", `An output of type ${NOTES} could not be shown by notes: no luck`],
    ]);
  });

  test("in an update, the next best form of it is seen", async () => {
    const { extension } = notes(0, 0, async (model) => {
      if (model.data[NOTES] === "re") throw new Error("no luck");
    });
    const page = play(withExtensions(extension));
    page.display({ [NOTES]: "do", "text/plain": "old words" }, "tune");
    await seen(page, ["♪ do true"]);
    page.update({ [NOTES]: "re", "text/plain": "words" }, "tune");
    await seen(page, ["words"]);
    page.update({ [NOTES]: "mi", "text/plain": "words" }, "tune");
    await seen(page, ["♪ mi true"]);
  });
});
