/**
 * Extensions of the classic notebook: modules that call `define` (https://github.com/amdjs/amdjs-api). Each gets a `define` of its
 * own as a local name, so that nothing global is there for scripts of the page or of outputs to trip over.
 */
import type { AmdExtension, Stage } from "../../stage.ts";
import { shelf } from "./shared.ts";

type Factory = ((...values: unknown[]) => unknown) | object;

interface Definition {
  needs: string[];
  factory: Factory;
}

/** What old modules ask the classic notebook for, and can do without. */
const NOTEBOOK = /^(base|notebook|services)\/js\//;

/** Under these names ipywidgets has been known. */
const ALIASES: Record<string, string> = {
  "jupyter-js-widgets": "@jupyter-widgets/controls",
  "nbextensions/jupyter-js-widgets/extension": "@jupyter-widgets/controls",
};

const modules = new Map<string, Promise<unknown>>();

/** What the extension's module gives. */
export function loadAmd({ address }: AmdExtension, stage: Stage): Promise<unknown> {
  return load(new URL(address, stage.base), stage);
}

/** Of one address, a module is loaded once. */
function load(address: URL, stage: Stage): Promise<unknown> {
  let module = modules.get(address.href);
  if (!module) {
    module = fetchText(address).then((code) => make(run(code, address), address, stage));
    module.catch(() => modules.delete(address.href));
    modules.set(address.href, module);
  }
  return module;
}

async function fetchText(address: URL): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`its code does not load (${response.status})`);
  return response.text();
}

/** Runs the code; returns what it has defined. */
function run(code: string, address: URL): Definition {
  let found: Definition | undefined;
  const define = (...given: unknown[]) => {
    const factory = given.pop() as Factory;
    const needs = given.pop();
    found = { factory, needs: Array.isArray(needs) ? needs : implied(factory) };
  };
  define.amd = {};
  new Function("define", `${code}\n//# sourceURL=${address}`)(define);
  if (!found) throw new Error("it defines nothing");
  return found;
}

/** A factory without a list of what it needs is given what a CommonJS module has. */
function implied(factory: Factory): string[] {
  return typeof factory === "function" ? ["require", "exports", "module"].slice(0, factory.length) : [];
}

async function make({ needs, factory }: Definition, address: URL, stage: Stage): Promise<unknown> {
  if (typeof factory !== "function") return factory;
  const module = { id: address.pathname, uri: address.href, exports: {} as unknown, config: () => ({}) };
  const own: Record<string, unknown> = { require: requireFrom(address, stage), exports: module.exports, module };
  const values = await Promise.all(needs.map((name) => own[name] ?? find(name, address, stage)));
  return factory(...values) ?? module.exports;
}

function requireFrom(address: URL, stage: Stage) {
  return (names: string[], use?: (...values: unknown[]) => void, failed?: (error: unknown) => void) =>
    void Promise.all(names.map((name) => find(name, address, stage))).then(
      (values) => use?.(...values),
      (error: unknown) => (failed ? failed(error) : console.error("Stagedoor:", error)),
    );
}

async function find(name: string, from: URL, stage: Stage): Promise<unknown> {
  if (name.startsWith(".")) return load(new URL(`${name}.js`, from), stage);
  const shared = shelf()[ALIASES[name] ?? name];
  if (shared) return (await shared.get())();
  const extension = stage.extensions[name.replace(/^nbextensions\/|\/index$/g, "")];
  if (extension?.kind === "amd") return loadAmd(extension, stage);
  if (NOTEBOOK.test(name)) return {};
  // What else it needs may lie beside it: its `extension.js` would tell a notebook so.
  return load(new URL(`${name}.js`, from), stage).catch(() => {
    throw new Error(`it needs ${name}, which is not here`);
  });
}
