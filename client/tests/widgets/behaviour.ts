import type { ModelProxy } from "../../src/widgets/anywidget.ts";

/** The browser code of an anywidget: notes what happens to it. */
export const events: string[] = [];
export default () => ({
  initialize({ model }: { model: ModelProxy }) {
    events.push(`initialize ${model.get("count")}`);
    model.on("change:count", () => events.push(`count ${model.get("count")}`));
    return () => events.push("model gone");
  },
  render({ model, el }: { model: ModelProxy; el: HTMLElement }) {
    const button = el.appendChild(document.createElement("button"));
    const draw = () => void (button.textContent = `count ${model.get("count")}`);
    model.on("change:count", draw);
    model.on("msg:custom", (content: { say: string }, buffers: DataView[]) =>
      events.push(`${content.say} ${buffers[0].byteLength}`),
    );
    button.onclick = () => {
      model.set("count", (model.get("count") as number) + 1);
      model.set("bytes", new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
      model.save_changes();
      model.send({ pressed: true }, undefined, [new Uint8Array([9]).buffer]);
    };
    draw();
    return () => events.push("view gone");
  },
});
