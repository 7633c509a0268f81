/**
 * Prebuilt extensions of JupyterLab: containers of webpack's module federation (https://webpack.js.org/concepts/module-federation/),
 * of which the plugins that want `IJupyterWidgetRegistry` are run. Those that draw MIME types are given out as they are.
 */
import type { FederatedExtension, Stage } from "../../stage.ts";
import type { Classes } from "./index.ts";
import { service, type Token } from "./services.ts";
import { shelf } from "./shared.ts";

/** A module: webpack asks for a function that gives it. */
type Factory = () => unknown;

/** What one extension or page offers of a package. */
interface Offer {
  get: () => Promise<Factory>;
  /** Who offers it: of equal versions, webpack takes that of the name that comes last. */
  from: string;
  loaded?: 1;
}

/** The offers of each package, by version; containers add theirs. */
type Scope = Record<string, Record<string, Offer>>;

interface Container {
  init(scope: Scope): unknown;
  get(module: string): Promise<Factory>;
}

/** A plugin of JupyterLab (`@lumino/application`). */
interface Plugin {
  id: string;
  requires?: (Token | undefined)[];
  optional?: (Token | undefined)[];
  activate(app: object, ...services: unknown[]): unknown;
}

/** What `IJupyterWidgetRegistry` is given. */
interface Registration {
  name: string;
  exports: Classes | Promise<Classes> | (() => Classes | Promise<Classes>);
}

const REGISTRY = "jupyter.extensions.jupyterWidgetRegistry";

const scope: Scope = {};
const containers = new Map<string, Promise<Container>>();
const registrations = new Map<string, Promise<Registration[]>>();

export async function loadFederated(module: string, extension: FederatedExtension, stage: Stage): Promise<Classes> {
  const registered = await once(registrations, addressOf(extension, stage), () => register(extension, stage));
  const found = registered.find(({ name }) => name === module);
  if (!found) throw new Error(`it registers ${registered.map(({ name }) => name).join(", ") || "no widgets"}`);
  return typeof found.exports === "function" ? found.exports() : found.exports;
}

/** Runs the plugins of an extension; returns what they have registered. */
async function register(extension: FederatedExtension, stage: Stage): Promise<Registration[]> {
  const registered: Registration[] = [];
  const registry = { registerWidget: (registration: Registration) => registered.push(registration) };
  for (const plugin of (await loadExports(extension, stage)).filter(isPlugin)) {
    const wanted = [...(plugin.requires ?? []), ...(plugin.optional ?? [])];
    const services = wanted.map((token) => (token?.name === REGISTRY ? registry : service(token)));
    // The other plugins are for JupyterLab's own menus and panels.
    if (services.includes(registry)) await plugin.activate({}, ...services);
  }
  return registered;
}

/** What the modules of an extension are, or have as their default: one thing or several each. */
export async function loadExports(extension: FederatedExtension, stage: Stage): Promise<unknown[]> {
  offerOthers(stage);
  const container = await open(extension, stage);
  const modules = await Promise.all(extension.modules.map(async (name) => (await container.get(name))()));
  return modules.flatMap((module) => {
    const { __esModule, default: given } = (module ?? {}) as { __esModule?: boolean; default?: unknown };
    return __esModule ? given : (given ?? module);
  });
}

/** The style of an extension is a module without any. */
function isPlugin(exported: unknown): exported is Plugin {
  return typeof (exported as Partial<Plugin> | undefined)?.activate === "function";
}

function open(extension: FederatedExtension, stage: Stage): Promise<Container> {
  return once(containers, addressOf(extension, stage), async () => {
    await run(addressOf(extension, stage));
    const container = (globalThis as { _JUPYTERLAB?: Record<string, Container> })._JUPYTERLAB?.[extension.name];
    if (!container) throw new Error("it has brought no container");
    await container.init(scope);
    return container;
  });
}

/** An extension may build on another one's package: of each, the scope says where it is had. */
function offerOthers(stage: Stage): void {
  for (const [name, offer] of Object.entries(shelf()))
    scope[name] ??= { [offer.version]: { ...offer, from: "stagedoor" } };
  for (const extension of [...Object.values(stage.extensions), ...(stage.renderers ?? [])]) {
    if (extension.kind !== "federated") continue;
    const offers = (scope[extension.name] ??= {});
    offers[extension.version] ??= promise(extension, stage, offers);
  }
}

/** Stands for what the extension's own container will offer, which opens when somebody asks. */
function promise(extension: FederatedExtension, stage: Stage, offers: Record<string, Offer>): Offer {
  const promised: Offer = {
    from: "",
    async get() {
      delete promised.loaded; // lest the container keeps its hands off it
      await open(extension, stage);
      const offer = offers[extension.version];
      if (offer === promised) throw new Error(`${extension.name} does not offer itself to others`);
      return offer.get();
    },
  };
  return promised;
}

/** Runs a classic script: webpack's code finds its own address by it. */
function run(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.crossOrigin = "anonymous";
    script.onload = () => resolve();
    script.onerror = () => reject(new Error("its code does not load"));
    document.head.append(script);
  });
}

function addressOf({ address }: FederatedExtension, stage: Stage): string {
  return new URL(address, stage.base).href;
}

/** What `make` has made for the key, or makes now; made anew after a failure. */
function once<Value>(made: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  let value = made.get(key);
  if (!value) {
    value = make();
    value.catch(() => made.delete(key));
    made.set(key, value);
  }
  return value;
}
