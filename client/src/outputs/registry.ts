import type { Stage } from "../stage.ts";
import { renderHtml } from "./html.ts";
import { renderImage } from "./image.ts";
import { asText, type Display } from "./model.ts";
import { type Context, guarded, type Renderer, type Rendering } from "./rendering.ts";
import { notice, showText } from "./text.ts";
import { renderWidget } from "./widget.ts";

/** A family of MIME types: its renderer, or how to load it. */
interface Family {
  draw?: Renderer;
  load?: () => Promise<{ render: Renderer }>;
}

const vega: Family = { load: () => import("./vega.ts") };
const image: Family = { draw: renderImage };
const json: Family = { load: () => import("./json.ts") };
const javascript: Family = { load: () => import("./javascript.ts") };
const plain: Family = { draw: (value, { element }) => showText(asText(value), element) };

/** The richest first; the ranks are JupyterLab's (`@jupyterlab/rendermime`), except that JSON comes after what has a picture. */
const FAMILIES = new Map<string, Family>([
  ["application/vnd.jupyter.widget-view+json", { draw: renderWidget }],
  ["application/vnd.plotly.v1+json", { load: () => import("./plotly.ts") }],
  ...["vegalite.v6", "vegalite.v5", "vega.v6", "vega.v5"].flatMap((kind) =>
    ["+json", ".json"].map((suffix): [string, Family] => [`application/vnd.${kind}${suffix}`, vega]),
  ),
  ["text/html", { draw: renderHtml }],
  ["text/markdown", { load: () => import("./markdown.ts") }],
  ["text/latex", { load: () => import("./latex.ts") }],
  ["image/svg+xml", image],
  ["image/png", image],
  ["image/jpeg", image],
  ["image/gif", image],
  ["image/webp", image],
  ["image/bmp", image],
  ["application/pdf", { load: () => import("./pdf.ts") }],
  ["application/javascript", javascript],
  ["text/javascript", javascript],
  ["application/geo+json", { load: () => import("./geojson.ts") }],
  ["application/ld+json", json],
  ["application/json", json],
  ["text/plain", plain],
]);

function familyOf(mime: string): Family | undefined {
  return FAMILIES.get(mime) ?? (/\bjson$/.test(mime) ? json : mime.startsWith("text/") ? plain : undefined);
}

/** The MIME type of the bundle to show; empty when there is none that a page can show. */
export function choose(data: Record<string, unknown>, stage: Stage): string {
  const known = [...FAMILIES.keys()].filter((mime) => data[mime] != null);
  // Without the library, another form of the figure is better.
  const drawable = known.filter((mime) => !mime.includes("plotly") || stage.assets.plotly);
  return drawable[0] ?? known[0] ?? Object.keys(data).find(familyOf) ?? "";
}

/** Draws the bundle's best form, at once where its renderer is here. */
export function render(display: Display, context: Context): Rendering {
  const family = familyOf(context.mime);
  const value = display.data[context.mime];
  if (family?.draw) return guarded(family.draw, value, context);
  if (family?.load) return drawLater(family, family.load, value, context);
  // HoloViews displays bundles with nothing in them.
  if (Object.keys(display.data).length) context.element.append(notice("This output has no form that a page can show."));
  return {};
}

function drawLater(family: Family, load: NonNullable<Family["load"]>, value: unknown, context: Context): Rendering {
  let inner: Rendering = {};
  let removed = false;
  const ready = load().then(
    ({ render }) => {
      family.draw = render;
      if (!removed) inner = guarded(render, value, context);
      return inner.ready;
    },
    (error) => context.fail(error),
  );
  return {
    ready,
    get update() {
      return inner.update;
    },
    remove() {
      removed = true;
      inner.remove?.();
    },
  };
}
