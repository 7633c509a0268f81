import { asText } from "./model.ts";
import type { Context, Rendering } from "./rendering.ts";

/** Types of scripts that run; others hold data and stay as they are (HTML standard, "prepare the script element"). */
const CLASSIC = /^$|^(text|application)\/(x-)?(java|ecma)script$/i;

/** HTML as the app made it. Its scripts run in order, as in a page: an external one is waited for, modules come last. */
export function renderHtml(value: unknown, context: Context): Rendering {
  const { element, earlier, stage } = context;
  if (stage.scripts === false) return { ready: renderClean(asText(value), element) };
  const template = document.createElement("template");
  template.innerHTML = asText(value);
  const scripts = [...template.content.querySelectorAll("script")].filter((script) => !script.noModule);
  element.classList.add("stagedoor-html");
  element.append(template.content);
  const order = [
    ...scripts.filter((script) => CLASSIC.test(script.type) || script.type === "importmap"),
    ...scripts.filter((script) => script.type === "module"),
  ];
  if (!order.length) return {};
  return context.attached(() => {
    let removed = false;
    const run = (): Promise<unknown> | undefined => {
      for (let script = order.shift(); script && !removed; script = order.shift()) {
        const waiting = start(script, context);
        if (waiting) return waiting.then(run);
      }
    };
    return { ready: earlier ? earlier.then(run) : run(), remove: () => (removed = true) };
  });
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
