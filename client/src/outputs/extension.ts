/**
 * What extensions of JupyterLab draw (its `@jupyterlab/rendermime-interfaces`): a renderer is a widget of Lumino that is given the
 * whole bundle as a model. A changed bundle gets a new renderer: some (Plotly's) take over nothing that comes later.
 */
import DOMPurify from "dompurify";
import type { Widget } from "@lumino/widgets";
import type { MimeExtension, Stage } from "../stage.ts";
import { loadExports } from "../widgets/extensions/index.ts";
import { mount } from "../widgets/mount.ts";
import { typesetter } from "../widgets/typesetter.ts";
import css from "./extension.css";
import type { Offer } from "./offered.ts";
import type { Context, Rendering } from "./rendering.ts";

/** `IRenderMime.IExtension`, as far as it has to do with outputs. */
interface Plugin {
  rendererFactory: Factory;
  rank?: number;
}

interface Factory {
  mimeTypes: readonly string[];
  defaultRank?: number;
  createRenderer(options: ReturnType<typeof optionsFor>): Widget & { renderModel(model: object): Promise<void> };
}

/** JupyterLab's, of a renderer that has none. */
const RANK = 100;

/** How long a drawing may take before it is seen as it is: others wait for it. */
const PATIENCE_MS = 10_000;

/**
 * Loads the extension.
 *
 * @throws Error when it cannot be had
 */
export async function offersOf(extension: MimeExtension, stage: Stage): Promise<Map<string, Offer>> {
  const offers = new Map<string, Offer>();
  const exported = await loadExports(extension, stage);
  for (const { rendererFactory: factory, rank = factory.defaultRank ?? RANK } of exported.filter(isPlugin)) {
    const offer = { from: extension.name, rank, draw: (_: unknown, context: Context) => draw(factory, context) };
    for (const type of factory.mimeTypes) if (!offers.has(type)) offers.set(type, offer);
  }
  return offers;
}

/** The style of an extension is a module without any. */
function isPlugin(exported: unknown): exported is Plugin {
  const factory = (exported as Partial<Plugin> | undefined)?.rendererFactory;
  return typeof factory?.createRenderer === "function" && Array.isArray(factory.mimeTypes);
}

function draw(factory: Factory, context: Context): Rendering {
  const { element, stage, display } = context;
  stage.style(css);
  // In the document first: some measure their place when they draw.
  return context.attached(() => {
    const renderer = factory.createRenderer(optionsFor(context));
    renderer.addClass("jp-OutputArea-output");
    const { unmount } = mount(renderer, element, "stagedoor-renderer", "jp-OutputArea");
    try {
      return { ready: soon(renderer.renderModel(modelOf(display))), remove: unmount };
    } catch (error) {
      unmount();
      throw error;
    }
  });
}

function soon(drawing: Promise<void>): Promise<void> {
  return Promise.race([drawing, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** `IRenderMime.IMimeModel`: a copy, since the app's next output may be compared with this one. */
function modelOf({ data, metadata }: Context["display"]): object {
  const joined = Object.entries(data).map(([type, value]) => [
    type,
    Array.isArray(value) && !type.endsWith("json") ? value.join("") : value,
  ]);
  return {
    trusted: true,
    data: structuredClone(Object.fromEntries(joined)),
    metadata: structuredClone(metadata),
    /** A picture of what has been drawn, for the notebook's file: there is none. */
    setData(changed: object): void {
      Object.assign(this, changed);
    },
  };
}

/** `IRenderMime.IRendererOptions`. */
function optionsFor({ mime, stage }: Context) {
  return {
    mimeType: mime,
    sanitizer: { sanitize: (html: string) => DOMPurify.sanitize(html) },
    // The app's folder is not served: addresses are those of the page.
    resolver: { resolveUrl: async (url: string) => url, getDownloadUrl: async (url: string) => url },
    linkHandler: null,
    latexTypesetter: typesetter(stage),
    markdownParser: null,
  };
}
