/** The packages of this page's code that extensions share with it: their widgets must be of the same classes. */
import { version as base } from "@jupyter-widgets/base/package.json";
import { version as controls } from "@jupyter-widgets/controls/package.json";
import { version as output } from "@jupyter-widgets/output/package.json";
import { useWhole } from "../shims/jquery.ts";
import { tokens } from "./services.ts";
import { versions } from "./versions.ts";

/** A package that is given to whom asks for it. */
export interface Shared {
  version: string;
  /** As webpack wants it: a promise of a function that gives the module. */
  get(): Promise<() => object>;
}

let filled: Record<string, Shared> | undefined;

/** By name. */
export function shelf(): Record<string, Shared> {
  return (filled ??= fill());
}

function fill(): Record<string, Shared> {
  const ours = Object.entries({ base, controls, output }).map(([part, version]) => {
    const name = `@jupyter-widgets/${part}`;
    return [name, share(version, () => loadWidgets(name))];
  });
  const lumino = Object.entries(versions).map(([part, version]) => [
    `@lumino/${part}`,
    share(version, () => load(part)),
  ]);
  const jupyterlab = Object.entries(tokens).map(([name, module]) => [name, share("4.99.0", async () => module)]);
  return Object.fromEntries([...ours, ...lumino, ...jupyterlab]);
}

/** A package of widgets. Before one is given out, jQuery is whole: widgets of extensions may use all of `$el`. */
async function loadWidgets(name: string): Promise<object> {
  const [{ packages }, { default: jQuery }] = await Promise.all([
    import("../index.ts"),
    import("../shims/jquery-whole.js"),
  ]);
  useWhole(jQuery);
  return packages.get(name)!;
}

/** A package of Lumino; that which draws large tables is large itself. */
async function load(part: string): Promise<object> {
  return part === "datagrid" ? import("@lumino/datagrid") : (await import("./lumino.ts")).lumino[part];
}

/** A package, in the form that code built for CommonJS expects of an ES module. */
function share(version: string, load: () => Promise<object>): Shared {
  let module: object | undefined;
  return {
    version,
    async get() {
      const loaded = await load();
      module ??= { __esModule: true, ...loaded };
      return () => module!;
    },
  };
}
