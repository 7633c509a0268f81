import type { DOMWidgetView } from "@jupyter-widgets/base";
import { MessageLoop } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";
import { watchIcons } from "./icons.ts";

/** Puts a view into a place of the page, and tells it of its place's size. The function returned takes it away and frees it. */
export function attach(view: DOMWidgetView, host: HTMLElement): () => void {
  // A view under a root can be disposed of even when the page has thrown its place away, which Lumino refuses for a root itself.
  const root = new Panel();
  root.addClass("stagedoor-widgets");
  root.addWidget(view.luminoWidget);
  const unwatch = watchIcons(root.node);
  MessageLoop.sendMessage(root, Widget.Msg.BeforeAttach);
  host.append(root.node);
  MessageLoop.sendMessage(root, Widget.Msg.AfterAttach);
  const sizes = new ResizeObserver(() => MessageLoop.postMessage(root, Widget.ResizeMessage.UnknownSize));
  sizes.observe(host);

  const remove = () => {
    view.off("remove", remove);
    sizes.disconnect();
    unwatch();
    if (!view.luminoWidget.isDisposed) view.remove();
    MessageLoop.sendMessage(root, Widget.Msg.BeforeDetach);
    root.node.remove();
    MessageLoop.sendMessage(root, Widget.Msg.AfterDetach);
    root.dispose();
  };
  view.on("remove", remove);
  return () => {
    if (!root.isDisposed) remove();
  };
}
