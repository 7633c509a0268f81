import { MessageLoop } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";

/** Puts a widget of Lumino into a place of the page, under a root of these classes, and tells it of its place's size. */
export function mount(widget: Widget, host: HTMLElement, ...classes: string[]): { root: Panel; unmount: () => void } {
  // A widget under a root can be disposed of even when the page has thrown its place away, which Lumino refuses for a root itself.
  const root = new Panel();
  classes.forEach((name) => root.addClass(name));
  root.addWidget(widget);
  MessageLoop.sendMessage(root, Widget.Msg.BeforeAttach);
  host.append(root.node);
  MessageLoop.sendMessage(root, Widget.Msg.AfterAttach);
  const sizes = new ResizeObserver(() => MessageLoop.postMessage(root, Widget.ResizeMessage.UnknownSize));
  sizes.observe(host);
  const unmount = () => {
    if (root.isDisposed) return;
    sizes.disconnect();
    MessageLoop.sendMessage(root, Widget.Msg.BeforeDetach);
    root.node.remove();
    MessageLoop.sendMessage(root, Widget.Msg.AfterDetach);
    root.dispose();
  };
  return { root, unmount };
}
