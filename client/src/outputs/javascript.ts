import type { Context, Rendering } from "./rendering.ts";

/** Runs the app's JavaScript with `element`, the output's DOM element, in scope, after the outputs before it have been drawn. */
export function render(value: unknown, context: Context): Rendering | void {
  if (context.stage.scripts === false) {
    return void context.fail(undefined, "This output is a script, and scripts of this app do not run.");
  }
  let removed = false;
  const run = () => {
    if (removed) return;
    try {
      new Function("element", context.text(value)).call(window, context.element);
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      context.fail(error, `A script of the app has failed. (${reason})`);
    }
  };
  return context.attached(() => {
    const ready = context.earlier?.then(run);
    if (!ready) run();
    return { ready, remove: () => (removed = true) };
  });
}
