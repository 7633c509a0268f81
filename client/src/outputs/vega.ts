import embed, { type EmbedOptions, type Result, type VisualizationSpec } from "vega-embed";
import type { Context, Rendering } from "./rendering.ts";

/** Pictures may be saved; the editor is another host's, and the specification the author's business. */
const ACTIONS = { export: true, source: false, compiled: false, editor: false };

/** A chart of Vega or Vega-Lite, as SVG: its marks are then read aloud, too. */
export function render(value: unknown, context: Context): Rendering {
  const chart = document.createElement("div");
  context.element.append(chart);
  const options: EmbedOptions = {
    mode: context.mime.includes("vegalite") ? "vega-lite" : "vega",
    renderer: "svg",
    actions: ACTIONS,
    ...(context.metadata.embed_options as EmbedOptions),
  };
  return context.attached(() => {
    let removed = false;
    let drawn: Result | undefined;
    const ready = embed(chart, structuredClone(value) as VisualizationSpec, options).then((result) => {
      drawn = result;
      if (removed) result.finalize();
    });
    return {
      ready,
      remove() {
        removed = true;
        drawn?.finalize();
      },
    };
  });
}
