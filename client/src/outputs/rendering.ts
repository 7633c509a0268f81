import type { Stage } from "../stage.ts";
import { asText, type Display } from "./model.ts";
import { notice, showText } from "./text.ts";

/** What is drawn. */
export interface Rendering {
  /** Resolves when it has been drawn; missing: it is drawn already. */
  ready?: Promise<unknown>;
  /** Takes over a newer value of the same MIME type; resolves when it has been drawn. Missing: draw it anew. */
  update?(value: unknown): Promise<unknown> | void;
  /** Frees what outlives the element. */
  remove?(): void;
}

/**
 * What a renderer knows beside the value, and may use. Families that are loaded later import nothing of the core: a bundler would
 * have to move it out of the first file that a page loads.
 */
export class Context {
  /** The metadata of this MIME type, before that of the whole output. */
  readonly metadata: Record<string, unknown>;
  /** The output's `text/plain`, as alternative text. */
  readonly plain: string;

  /**
   * `element` is empty, in its place, and the renderer's alone. `earlier` resolves when the outputs before this one have been
   * drawn, and is missing when they are: scripts wait for it.
   */
  constructor(
    readonly display: Display,
    readonly mime: string,
    readonly element: HTMLElement,
    readonly stage: Stage,
    readonly earlier?: Promise<unknown>,
  ) {
    const own = display.metadata[mime];
    this.metadata = { ...display.metadata, ...(typeof own === "object" ? own : {}) };
    this.plain = asText(display.data["text/plain"] ?? "");
  }

  text(value: unknown): string {
    return asText(value);
  }

  /** Whether a script asks RequireJS for modules (rather than looks whether it could). */
  asksForModules(script: string): boolean {
    return /\brequire(js)?\s*(\(\s*\[|\.(config|undef)\b)/.test(script);
  }

  /** Runs `draw` once the element is in the document: scripts and charts need that, and a widget's view is made before it is attached. */
  attached(draw: () => Rendering | void): Rendering {
    if (this.element.isConnected) return draw() ?? {};
    let inner: Rendering | undefined;
    let frame = requestAnimationFrame(() => look());
    const look = () => {
      if (this.element.isConnected) inner = guarded(draw, undefined, this);
      else frame = requestAnimationFrame(look);
    };
    return {
      remove() {
        cancelAnimationFrame(frame);
        inner?.remove?.();
      },
    };
  }

  /** Says that this output cannot be shown, with its plain text when no sentence of the renderer's tells more. */
  fail(error: unknown, sentence?: string): void {
    this.element.replaceChildren(notice(sentence ?? "This output could not be shown."));
    if (this.plain && !sentence) showText(this.plain, this.element);
    const reason = error instanceof Error ? error.message : String(error);
    this.stage.report("output_failed", `An output of type ${this.mime} could not be shown: ${reason}`, error);
  }
}

/** Draws a value of one MIME type into the context's element; what it throws is reported and said politely. */
export type Renderer = (value: unknown, context: Context) => Rendering | void;

/** Draws; what goes wrong, now or later, is reported and said. */
export function guarded(renderer: Renderer, value: unknown, context: Context): Rendering {
  try {
    const rendering = renderer(value, context) ?? {};
    rendering.ready = rendering.ready?.catch((error) => context.fail(error));
    const { update } = rendering;
    rendering.update =
      update &&
      ((newer) => {
        return Promise.resolve(update(newer)).catch((error) => {
          delete rendering.update;
          context.fail(error);
        });
      });
    return rendering;
  } catch (error) {
    context.fail(error);
    return {};
  }
}
