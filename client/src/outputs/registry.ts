import type { Stage } from "../stage.ts";
import { renderHtml } from "./html.ts";
import { renderImage } from "./image.ts";
import { asText, type Display } from "./model.ts";
import { ask, type Offer, offerOf } from "./offered.ts";
import { Context, guarded, type Renderer, type Rendering } from "./rendering.ts";
import { notice, showText } from "./text.ts";
import { renderWidget } from "./widget.ts";

/** A family of MIME types: its renderer, or how to load it. */
interface Family {
  draw?: Renderer;
  load?: () => Promise<{ render: Renderer }>;
  /** JupyterLab's (`@jupyterlab/rendermime`): an extension's drawing of a lower rank goes before. */
  rank: number;
}

const vega: Family = { load: () => import("./vega.ts"), rank: 0 };
const image: Family = { draw: renderImage, rank: 90 };
const javascript: Family = { load: () => import("./javascript.ts"), rank: 110 };
// In JupyterLab JSON comes first; here it comes after what has a picture.
const json: Family = { load: () => import("./json.ts"), rank: 115 };
const plain: Family = { draw: (value, { element }) => showText(asText(value), element), rank: 120 };

/** The richest first. */
const FAMILIES = new Map<string, Family>([
  ["application/vnd.jupyter.widget-view+json", { draw: renderWidget, rank: 0 }],
  ["application/vnd.plotly.v1+json", { load: () => import("./plotly.ts"), rank: 0 }],
  ...["vegalite.v6", "vegalite.v5", "vega.v6", "vega.v5"].flatMap((kind) =>
    ["+json", ".json"].map((suffix): [string, Family] => [`application/vnd.${kind}${suffix}`, vega]),
  ),
  ["text/html", { draw: renderHtml, rank: 50 }],
  ["text/markdown", { load: () => import("./markdown.ts"), rank: 60 }],
  ["text/latex", { load: () => import("./latex.ts"), rank: 70 }],
  ["image/svg+xml", { draw: renderImage, rank: 80 }],
  ["image/png", image],
  ["image/jpeg", image],
  ["image/gif", image],
  ["image/webp", image],
  ["image/bmp", image],
  ["application/pdf", { load: () => import("./pdf.ts"), rank: 100 }],
  ["application/javascript", javascript],
  ["text/javascript", javascript],
  ["application/geo+json", { load: () => import("./geojson.ts"), rank: 0 }],
  ["application/ld+json", json],
  ["application/json", json],
  ["text/plain", plain],
]);

function familyOf(mime: string): Family | undefined {
  return FAMILIES.get(mime) ?? (/\bjson$/.test(mime) ? json : mime.startsWith("text/") ? plain : undefined);
}

type Bundle = Display["data"];

/** Whether the page draws this type by itself; Plotly's needs the app's own library. */
function isOurs(mime: string, stage: Stage): boolean {
  return FAMILIES.has(mime) && (!mime.includes("plotly") || !!stage.assets.plotly);
}

function foreign(data: Bundle, stage: Stage): string[] {
  return Object.keys(data).filter((mime) => data[mime] != null && !isOurs(mime, stage));
}

/** Resolves when `choose` knows what extensions draw of the bundle; undefined when it does, as for most. */
export function settle(data: Bundle, stage: Stage): Promise<unknown> | undefined {
  return stage.renderers?.length ? ask(foreign(data, stage), stage) : undefined;
}

/** The MIME type of the bundle to show; empty when there is none that a page can show. */
export function choose(data: Bundle, stage: Stage): string {
  const known = [...FAMILIES.keys()].filter((mime) => data[mime] != null);
  const own = known.find((mime) => isOurs(mime, stage));
  let rank = own ? FAMILIES.get(own)!.rank : Infinity;
  // Without its library, another form of a figure is better.
  let best = own ?? known[0] ?? Object.keys(data).find(familyOf) ?? "";
  for (const mime of foreign(data, stage)) {
    const offer = offerOf(mime, stage);
    if (offer && offer.rank < rank) [best, rank] = [mime, offer.rank];
  }
  return best;
}

/** Draws the bundle's best form, at once where its renderer is here. */
export function render(display: Display, context: Context): Rendering {
  const offer = isOurs(context.mime, context.stage) ? undefined : offerOf(context.mime, context.stage);
  if (offer) return drawOffered(offer, display, context);
  const family = familyOf(context.mime);
  const value = display.data[context.mime];
  if (family?.draw) return guarded(family.draw, value, context);
  if (family?.load) {
    const load = family.load().then(({ render }) => (family.draw = render));
    return later(
      load,
      (render) => guarded(render, value, context),
      (error) => context.fail(error),
    );
  }
  // HoloViews displays bundles with nothing in them.
  if (Object.keys(display.data).length) context.element.append(notice("This output has no form that a page can show."));
  return {};
}

/** As an extension does; what it fails at is drawn in the next best form. */
function drawOffered({ from, draw }: Offer, display: Display, context: Context): Rendering {
  const { element, mime, stage, earlier } = context;
  let drawn: Rendering = {};
  let next: Rendering = {};
  let removed = false;
  context.fail = (error) => {
    if (removed) return;
    drawn.remove?.();
    const reason = error instanceof Error ? error.message : String(error);
    stage.report("output_failed", `An output of type ${mime} could not be shown by ${from}: ${reason}`, error);
    const { [mime]: _, ...data } = display.data;
    const others = { ...display, data };
    element.replaceChildren();
    next = render(others, new Context(others, choose(data, stage), element, stage, earlier));
    return next.ready;
  };
  drawn = guarded(draw, display.data[mime], context);
  return {
    ready: drawn.ready ?? next.ready,
    remove() {
      removed = true;
      drawn.remove?.();
      next.remove?.();
    },
  };
}

/** Draws when what is needed for it has come. */
export function later<Needed>(
  coming: Promise<Needed>,
  draw: (needed: Needed) => Rendering,
  failed?: (error: unknown) => void,
): Rendering {
  let inner: Rendering = {};
  let removed = false;
  const ready = coming.then((needed) => {
    if (!removed) inner = draw(needed);
    return inner.ready;
  }, failed);
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
