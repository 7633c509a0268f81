/** Libraries that the code of anywidgets would import from a CDN, and that are here: those of Altair's `JupyterChart`. */

const HERE: readonly [RegExp, () => Promise<{ default: unknown }>][] = [
  [/^https:\/\/esm\.sh\/vega-embed@/, () => import("vega-embed")],
  [/^https:\/\/esm\.sh\/lodash-es@[^/]+\/debounce$/, () => import("lodash-es/debounce.js")],
];

/** A line that imports a module's default, as bundlers leave it and authors write it. */
const IMPORT = /^import\s+([\w$]+)\s+from\s*["'](https:[^"']+)["'];?/gm;

/** Where code that runs from a blob finds what was loaded for it. */
const SHELF = "stagedoor:libraries";

/** The code with such imports replaced, once what they want has been loaded. */
export async function provide(source: string): Promise<string> {
  const loaded: Record<string, unknown> = {};
  for (const [, , address] of source.matchAll(IMPORT)) {
    const load = HERE.find(([pattern]) => pattern.test(address))?.[1];
    if (load) loaded[address] = (await load()).default;
  }
  if (!Object.keys(loaded).length) return source;
  const shelf = ((globalThis as Record<string, unknown>)[SHELF] ??= {}) as Record<string, unknown>;
  Object.assign(shelf, loaded);
  return source.replace(IMPORT, (line, name: string, address: string) =>
    address in loaded ? `const ${name} = globalThis["${SHELF}"]["${address}"];` : line,
  );
}
