"""An anywidget of the app's own: a trait both ways, a command of its class, a style."""

import anywidget
import traitlets


class Counter(anywidget.AnyWidget):
    _esm = """
    export default {
      render({ model, el, experimental }) {
        const button = document.createElement("button");
        const draw = () => (button.textContent = `count ${model.get("count")}`);
        button.className = "matrix-counter";
        button.onclick = async () => {
          model.set("count", model.get("count") + 1);
          model.save_changes();
          const [answer] = await experimental.invoke("double", model.get("count"));
          button.title = `doubled ${answer}`;
        };
        model.on("change:count", draw);
        draw();
        el.append(button);
      },
    };
    """
    _css = ".matrix-counter { color: rgb(1, 2, 3) }"
    count = traitlets.Int(1).tag(sync=True)

    @anywidget.experimental.command
    def double(self, message, buffers):
        return 2 * message, buffers


counter = Counter()
counter.observe(lambda change: print("count is", change.new), "count")
counter
