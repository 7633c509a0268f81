/** Core widgets that a page of Stagedoor needs a little different from a notebook. */
import * as controls from "@jupyter-widgets/controls";
import type { Stage } from "../stage.ts";

/** A player that stops when it is closed. */
export class PlayModel extends controls.PlayModel {
  override close(commClosed = false): Promise<void> {
    this.set("playing", false, { silent: true });
    return super.close(commClosed);
  }
}

/** A game controller: waits for one without asking at every frame, and only until it is closed. */
export class ControllerModel extends controls.ControllerModel {
  override wait_loop(): void {
    if (navigator.getGamepads()[this.get("index")]) return super.wait_loop();
    const closed = new AbortController();
    this.once("destroy", () => closed.abort());
    window.addEventListener("gamepadconnected", () => this.wait_loop(), { once: true, signal: closed.signal });
  }

  override update_loop(): void {
    if (this.comm) super.update_loop();
  }
}

// A tooltip that is None is none; ipywidgets makes the word "null" of it.
const { updateTooltip } = controls.DescriptionView.prototype;
controls.DescriptionView.prototype.updateTooltip = function () {
  updateTooltip.call(this);
  if (this.model.get("tooltip") === null) this.label?.removeAttribute("title");
};

export class FileUploadView extends controls.FileUploadView {
  override update(): void {
    super.update();
    if (this.model.get("tooltip") === null) this.el.removeAttribute("title");
  }
}

// The value of an `HTML` is HTML of the app: where the app's scripts do not run, it is cleaned like an output.
for (const { prototype } of [controls.HTMLView, controls.HTMLMathView]) {
  const { update } = prototype;
  prototype.update = function (this: controls.HTMLView | controls.HTMLMathView) {
    const { stage } = this.model.widget_manager as unknown as { stage?: Stage };
    if (stage?.scripts !== false) return update.call(this as never);
    void import("../outputs/clean.ts").then(({ clean }) => {
      this.content.replaceChildren(clean(String(this.model.get("value"))));
      if (this instanceof controls.HTMLMathView) this.typeset(this.content);
    });
  };
}
