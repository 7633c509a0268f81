/** The browser code of widgets and renderers, as Python packages have installed it beside the app: loaded when it is first needed. */
import type { Extension, MimeExtension, Stage } from "../../stage.ts";
import { loadAmd } from "./amd.ts";
import * as federation from "./federation.ts";

/** The classes of a widget module, by name. */
export type Classes = Record<string, unknown>;

/** How long code may take to come: others on the page wait meanwhile. */
const LIMIT_MS = 60_000;

const loading = new Map<string, Promise<Classes>>();

/**
 * The classes that an extension has registered for a widget module; of one address they are loaded once.
 *
 * @throws Error when they cannot be had
 */
export function loadClasses(module: string, stage: Stage): Promise<Classes> {
  const extension = stage.extensions[module];
  const key = `${new URL(extension.address, stage.base)} ${module}`;
  let classes = loading.get(key);
  if (!classes) {
    classes = Promise.race([load(module, extension, stage), tooLate()]);
    classes.catch(() => loading.delete(key));
    loading.set(key, classes);
  }
  return classes;
}

/**
 * What an extension that draws MIME types exports.
 *
 * @throws Error when it cannot be had
 */
export function loadExports(extension: MimeExtension, stage: Stage): Promise<unknown[]> {
  return Promise.race([federation.loadExports(extension, stage), tooLate()]);
}

function load(module: string, extension: Extension, stage: Stage): Promise<Classes> {
  if (extension.kind === "federated") return federation.loadFederated(module, extension, stage);
  if (extension.kind === "amd") return loadAmd(extension, stage) as Promise<Classes>;
  return Promise.reject(new Error("it is of a kind that this page does not know"));
}

function tooLate(): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("it does not come")), LIMIT_MS));
}
