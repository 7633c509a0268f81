/** RequireJS for outputs that ask for modules, as the classic notebook had it; other scripts of the page do not notice it. */
import source from "requirejs/require.js";

/** The part of RequireJS that is used. */
interface Require {
  (names: string[], use?: (...modules: unknown[]) => void): void;
  load(context: { completeLoad(name: string): void }, name: string, address: string): void;
}

export type Define = (name: string, dependencies: string[], make: () => unknown) => void;

type Amd = { requirejs: Require; define: Define };

/** Something that is there in place of the module of an address, if anything is. */
export type StandIn = (address: string) => Promise<unknown> | undefined;

let amd: Amd | undefined;

/** Makes `require` and `requirejs` global, if the page has none; returns its `define`. */
export function offer(standIn: StandIn): Define {
  if (!amd && "requirejs" in window) return (window as unknown as Amd).define; // the page's own
  amd ??= install(standIn);
  return amd.define;
}

function install(standIn: StandIn): Amd {
  const { requirejs, define } = new Function(`${source};return { requirejs, define };`).call(window) as Amd;
  const { load } = requirejs;
  requirejs.load = (context, name, address) => {
    const module = standIn(address);
    if (!module) return load(context, name, address);
    void module.then((library) => {
      define(name, [], () => library);
      context.completeLoad(name);
    });
  };
  Object.assign(window, { requirejs, require: requirejs });
  // Scripts that look for `define` would hand their library to it, and whoever expects a global would find none.
  Object.defineProperty(window, "define", {
    configurable: true,
    get: () => (isModule(document.currentScript as HTMLScriptElement | null) ? define : undefined),
    set: (value) => Object.defineProperty(window, "define", { value, writable: true, configurable: true }),
  });
  return { requirejs, define };
}

/** Whether the script is one that RequireJS loads, or that asks for modules itself. */
function isModule(script: HTMLScriptElement | null): boolean {
  return !!script && ("requiremodule" in script.dataset || "stagedoorModules" in script.dataset);
}
