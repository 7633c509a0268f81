import type { ModelProxy, RenderContext } from "../../src/widgets/esm.ts";

/** The browser code of an anywidget: notes what happens to it. */
export const events: string[] = [];
export default () => ({
  initialize({ model }: { model: ModelProxy }) {
    events.push(`initialize ${model.get("count")}`);
    model.on("change:count", () => events.push(`count ${model.get("count")}`));
    return () => events.push("model gone");
  },
  async render({ model, el, host, experimental }: RenderContext) {
    if (model.get("draws") === "nothing") return model.send("the rest of my code, please");
    const held = model.get("holds") as string | undefined;
    if (held) await (await host.getWidget(held)).render({ el });
    const button = el.appendChild(document.createElement("button"));
    const draw = () => void (button.textContent = `count ${model.get("count")}`);
    model.on("change:count", draw);
    model.on("msg:custom", (content: { say: string }, buffers: DataView[]) =>
      content.say ? events.push(`${content.say} ${buffers[0].byteLength}`) : undefined,
    );
    button.ondblclick = async () => {
      const [answer, buffers] = await experimental.invoke("double", model.get("count"));
      events.push(`answer ${answer} ${buffers[0]?.byteLength ?? 0}`);
    };
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
