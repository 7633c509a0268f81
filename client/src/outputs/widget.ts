import type { Context, Rendering } from "./rendering.ts";

/** The view of a widget, whose code the first one loads. */
export function renderWidget(value: unknown, context: Context): Rendering {
  const { element, stage } = context;
  const modelId = String((value as { model_id?: unknown }).model_id);
  let removed = false;
  const rendering: Rendering = {
    remove: () => (removed = true),
    ready: stage
      .widgets()
      .then((widgets) => (removed ? undefined : widgets.show(modelId, element)))
      .then(
        (hide) => {
          if (removed) hide?.();
          else rendering.remove = hide;
        },
        (error) => context.fail(error, "This control could not be shown."),
      ),
  };
  element.classList.add("stagedoor-widget");
  return rendering;
}
