/** MIME types that extensions of the app's environment draw: one is loaded when an output has a type that its code mentions. */
import type { MimeExtension, Stage } from "../stage.ts";
import type { Renderer } from "./rendering.ts";

/** How an extension draws a MIME type. */
export interface Offer {
  /** The extension's name. */
  from: string;
  /** Of several types of a bundle, that of the lowest rank is drawn. */
  rank: number;
  draw: Renderer;
}

type Offers = ReadonlyMap<string, Offer>;

const NONE: Offers = new Map();

/** What the extensions that have been asked draw, by MIME type. */
const answers = new WeakMap<MimeExtension, Offers>();
const asked = new WeakMap<MimeExtension, Promise<void>>();

/** Resolves when all extensions have been asked that may draw one of the types; undefined when they have been. */
export function ask(types: readonly string[], stage: Stage): Promise<unknown> | undefined {
  const open = (stage.renderers ?? []).filter(
    (extension) => !answers.has(extension) && types.some((type) => extension.types.includes(type)),
  );
  if (!open.length) return undefined;
  return Promise.all(
    open.map((extension) => {
      if (!asked.has(extension)) asked.set(extension, load(extension, stage));
      return asked.get(extension);
    }),
  );
}

async function load(extension: MimeExtension, stage: Stage): Promise<void> {
  try {
    const { offersOf } = await import("./extension.ts");
    answers.set(extension, await offersOf(extension, stage));
  } catch (error) {
    answers.set(extension, NONE);
    const reason = error instanceof Error ? error.message : String(error);
    stage.report("renderer_unavailable", `The extension ${extension.name} is not available here: ${reason}.`, error);
  }
}

/** How the extensions that have been asked draw this MIME type. */
export function offerOf(type: string, stage: Stage): Offer | undefined {
  const offers = (stage.renderers ?? []).flatMap((extension) => answers.get(extension)?.get(type) ?? []);
  return offers.reduce<Offer | undefined>((best, offer) => (best && best.rank <= offer.rank ? best : offer), undefined);
}
