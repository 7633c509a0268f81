import type { DOMWidgetView } from "@jupyter-widgets/base";
import { watchIcons } from "./icons.ts";
import { mount } from "./mount.ts";

/** Puts a view into a place of the page, and tells it of its place's size. The function returned takes it away and frees it. */
export function attach(view: DOMWidgetView, host: HTMLElement): () => void {
  const { root, unmount } = mount(view.luminoWidget, host, "stagedoor-widgets");
  const unwatch = watchIcons(root.node);
  const remove = () => {
    view.off("remove", remove);
    unwatch();
    if (!view.luminoWidget.isDisposed) view.remove();
    unmount();
  };
  view.on("remove", remove);
  return () => {
    if (!root.isDisposed) remove();
  };
}
