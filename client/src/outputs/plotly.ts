import type { Stage } from "../stage.ts";
import type { Context, Rendering } from "./rendering.ts";

interface Figure {
  data?: unknown[];
  layout?: Record<string, unknown>;
  config?: Record<string, unknown>;
  frames?: unknown[];
}

/** The part of plotly.js that is used; the asset's default export. */
interface Plotly {
  newPlot(element: HTMLElement, figure: Figure): Promise<unknown>;
  react(element: HTMLElement, figure: Figure): Promise<unknown>;
  purge(element: HTMLElement): void;
  Plots: { resize(element: HTMLElement): Promise<unknown> };
}

const libraries = new Map<string, Promise<Plotly>>();

/** The gateway's plotly.js, once for all its figures. A load that fails is tried anew by the next figure. */
export function plotly({ base, assets }: Stage): Promise<Plotly> {
  if (!assets.plotly) return Promise.reject(new Error("the gateway has no plotly.js for this app"));
  const { href } = new URL(assets.plotly, base);
  let loading = libraries.get(href);
  if (!loading) {
    loading = import(href).then((module: { default: Plotly }) => module.default);
    loading.catch(() => libraries.delete(href));
    libraries.set(href, loading);
  }
  return loading;
}

/** A Plotly figure; an update of it is drawn into the same chart. */
export function render(value: unknown, context: Context): Rendering {
  const chart = document.createElement("div");
  // The class by which scripts of an app find the chart.
  chart.className = "plotly-graph-div stagedoor-plotly";
  context.element.append(chart);
  return context.attached(() => {
    let removed = false;
    let library: Plotly | undefined;
    let observer: ResizeObserver | undefined;
    let drawing = plotly(context.stage).then(async (loaded) => {
      if (removed) return;
      library = loaded;
      await library.newPlot(chart, figureOf(value));
      if (removed) return library.purge(chart);
      observer = fit(chart, library);
    });
    return {
      ready: drawing,
      update(newer) {
        drawing = drawing.then(async () => {
          if (!removed) await library!.react(chart, figureOf(newer));
        });
        return drawing;
      },
      remove() {
        removed = true;
        observer?.disconnect();
        if (observer) library?.purge(chart);
      },
    };
  });
}

/** A copy, since plotly.js writes into what it is given and a figure may be shown at several places. */
function figureOf(value: unknown): Figure {
  const { data = [], layout = {}, config = {}, frames } = structuredClone(value) as Figure;
  return { data, layout, config: { responsive: true, ...config }, ...(frames?.length ? { frames } : {}) };
}

/** Keeps the chart as wide as its place, which may also change or appear without the window's changing (tabs, accordions). */
function fit(chart: HTMLElement, plotly: Plotly): ResizeObserver {
  let width = chart.clientWidth;
  const observer = new ResizeObserver(() => {
    if (!chart.clientWidth || chart.clientWidth === width) return;
    width = chart.clientWidth;
    void plotly.Plots.resize(chart);
  });
  observer.observe(chart);
  return observer;
}
