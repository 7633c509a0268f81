import type { Define } from "./amd.ts";
import type { Context, Rendering } from "./rendering.ts";

/** Runs the app's JavaScript with `element`, the output's DOM element, in scope, after the outputs before it have been drawn. */
export function render(value: unknown, context: Context): Rendering | void {
  if (context.stage.scripts === false) {
    return void context.fail(undefined, "This output is a script, and scripts of this app do not run.");
  }
  const code = context.text(value);
  let removed = false;
  const run = (define?: Define) => {
    if (removed) return;
    try {
      new Function("element", ...(define ? ["define"] : []), code).call(window, context.element, define);
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      context.fail(error, `A script of the app has failed. (${reason})`);
    }
  };
  return context.attached(() => {
    const modules = context.asksForModules(code)
      ? import("./libraries.ts").then(({ requireJs }) => requireJs(context.stage))
      : undefined;
    const ready =
      (modules ?? context.earlier)
        ? Promise.all([modules, context.earlier]).then(([define]) => run(define))
        : undefined;
    if (!ready) run();
    return { ready, remove: () => (removed = true) };
  });
}
