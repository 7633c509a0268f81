/** Libraries that the scripts of outputs would load from elsewhere, or expect to be there as they are in a notebook. */
import type { Stage } from "../stage.ts";
import type { Define } from "./amd.ts";
import { plotly } from "./plotly.ts";

const PLOTLY = String.raw`https://(?:cdn\.plot\.ly|cdn\.jsdelivr\.net/npm|cdnjs\.cloudflare\.com/ajax/libs)/plotly\b[^"']*`;
const PLOTLY_IMPORT = new RegExp(`import\\s*["']${PLOTLY}["'];?`, "g");

/** What the gateway has in place of the script of an address; undefined when it has nothing. Plotly's HTML asks for MathJax always, and does without it. */
function standIn(address: string, stage: Stage): Promise<unknown> | undefined {
  if (stage.assets.plotly && new RegExp(`^${PLOTLY}`).test(address)) return plotly(stage);
  if (/^https:\/\/[^?#]*\/mathjax\b/i.test(address)) return Promise.resolve();
  if (/^https:\/\/[^?#]*\/require(\.min)?\.js$/.test(address)) return requireJs(stage);
  return undefined;
}

/** Loads what the scripts need, and takes away those that would have loaded it. */
export async function provide(scripts: readonly HTMLScriptElement[], stage: Stage): Promise<void> {
  await Promise.all(scripts.map((script) => provideOne(script, stage)));
}

async function provideOne(script: HTMLScriptElement, stage: Stage): Promise<void> {
  if (script.src) {
    const library = standIn(script.src, stage);
    if (library) script.remove();
    await library;
  }
  const text = stage.assets.plotly ? script.text.replace(PLOTLY_IMPORT, "") : script.text;
  if (text !== script.text) {
    script.text = text;
    await plotly(stage);
  }
  if ("stagedoorModules" in script.dataset) await requireJs(stage);
}

/** RequireJS; resolves to its `define`. */
export async function requireJs(stage: Stage): Promise<Define> {
  const { offer } = await import("./amd.ts");
  return offer((address) => standIn(address, stage));
}
