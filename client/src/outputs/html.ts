import { asText } from "./model.ts";
import type { Context, Rendering } from "./rendering.ts";

/** Types of scripts that run; others hold data and stay as they are (HTML standard, "prepare the script element"). */
const CLASSIC = /^$|^(text|application)\/(x-)?(java|ecma)script$/i;

/** HTML as the app made it. */
export function renderHtml(value: unknown, context: Context): Rendering {
  const { element, stage } = context;
  if (stage.scripts === false) return { ready: renderClean(asText(value), element) };
  const template = document.createElement("template");
  template.innerHTML = asText(value);
  const scripts = [...template.content.querySelectorAll("script")].filter((script) => !script.noModule);
  const links = [...template.content.querySelectorAll<HTMLAnchorElement>("a[download][href^='data:']")];
  const frames = [...template.content.querySelectorAll<HTMLIFrameElement>("iframe[srcdoc*='https:']")];
  const pages = frames.map((frame) => frame.srcdoc);
  for (const frame of frames) frame.removeAttribute("srcdoc");
  element.classList.add("stagedoor-html");
  element.append(template.content);
  frames.forEach((frame, index) => void open(frame, pages[index], context).catch((error) => context.fail(error)));
  const files = links.length ? import("./downloads.ts").then(({ withBlobs }) => withBlobs(links)) : undefined;
  const rendering = run(scripts, context);
  return {
    ready: rendering.ready,
    remove() {
      rendering.remove?.();
      void files?.then((free) => free());
    },
  };
}

async function open(frame: HTMLIFrameElement, page: string, { stage }: Context): Promise<void> {
  const { withOwnLibraries } = await import("./frames.ts");
  frame.srcdoc = await withOwnLibraries(page, stage.base);
}

/** Runs scripts in order, as in a page: an external one is waited for, modules come last. */
function run(scripts: HTMLScriptElement[], context: Context): Rendering {
  const order = [
    ...scripts.filter((script) => CLASSIC.test(script.type) || script.type === "importmap"),
    ...scripts.filter((script) => script.type === "module"),
  ];
  if (!order.length) return {};
  for (const script of order) if (context.asksForModules(script.text)) script.dataset.stagedoorModules = "";
  const libraries = order.some(asksForLibraries)
    ? import("./libraries.ts").then(({ provide }) => provide(order, context.stage))
    : undefined;
  return context.attached(() => {
    let removed = false;
    const next = (): Promise<unknown> | undefined => {
      for (let script = order.shift(); script && !removed; script = order.shift()) {
        const waiting = start(script, context);
        if (waiting) return waiting.then(next);
      }
    };
    const before = libraries ? Promise.all([libraries, context.earlier]) : context.earlier;
    return { ready: before ? before.then(next) : next(), remove: () => (removed = true) };
  });
}

/** Whether it would load something from elsewhere, or needs what a notebook has. */
function asksForLibraries({ src, type, text, dataset }: HTMLScriptElement): boolean {
  return /^https:/.test(src) || (type === "module" && text.includes("https:")) || "stagedoorModules" in dataset;
}

/** HTML of an app whose scripts do not run. */
async function renderClean(html: string, element: HTMLElement): Promise<void> {
  const { clean } = await import("./clean.ts");
  element.classList.add("stagedoor-html");
  element.append(clean(html));
}

/** Scripts that a parser put into a fragment never run: a copy does. Returns what the next script has to wait for. */
function start(parsed: HTMLScriptElement, { stage }: Context): Promise<unknown> | undefined {
  if (!parsed.isConnected) return undefined; // an earlier script has taken it away
  const script = document.createElement("script");
  for (const { name, value } of parsed.attributes) script.setAttribute(name, value);
  script.textContent = parsed.textContent;
  if (!parsed.src) {
    parsed.replaceWith(script);
    return undefined;
  }
  if (!parsed.hasAttribute("async")) script.async = false;
  const settled = new Promise<void>((resolve) => {
    script.onload = () => resolve();
    script.onerror = () => {
      stage.report("script_failed", `A script of an output did not load: ${script.src}`);
      resolve();
    };
  });
  parsed.replaceWith(script);
  return parsed.hasAttribute("async") || parsed.type === "module" ? undefined : settled;
}
