import { beforeEach, vi } from "vitest";

/** What the gateway serves as scripts, by address: what happens when one is run. */
export const scripts = new Map<string, () => void>();
/** The addresses of what has been loaded, in order. */
export const loaded: string[] = [];

/** In the tests of this file, the page's head runs these scripts. */
export function serveScripts(): void {
  beforeEach(() => {
    loaded.length = 0;
    vi.spyOn(document.head, "append").mockImplementation((...nodes) => {
      const script = nodes[0] as HTMLScriptElement;
      const run = scripts.get(script.src);
      loaded.push(script.src);
      run?.();
      if (run) script.onload!(new Event("load"));
      else script.onerror!(new Event("error"));
    });
  });
}
