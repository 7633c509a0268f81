/** What ipywidgets' views do not tell screen readers, and what they do not do for the keyboard. */
import * as controls from "@jupyter-widgets/controls";

/** Parts that no `<label>` names. */
const NAMELESS = "[role=slider], .widget-radio-box, .widget-toggle-buttons > div, .progress, input[type=color]";

const { render } = controls.DescriptionView.prototype;

controls.DescriptionView.prototype.render = function () {
  render.call(this);
  void this.displayed.then(() => name(this));
  this.listenTo(this.model, "change:description change:tooltip", () => name(this));
};

function name({ el, model }: controls.DescriptionView): void {
  const text = String(model.get("description") || model.get("tooltip") || "");
  const parts = el.querySelectorAll(NAMELESS);
  const sliders = el.querySelectorAll("[role=slider]").length;
  parts.forEach((part, index) => {
    const end = sliders < 2 ? "" : index ? " (to)" : " (from)";
    if (text || end) part.setAttribute("aria-label", `${text}${end}`.trim());
    if (part.matches("div:not([role])")) part.setAttribute("role", part.matches(".progress") ? "progressbar" : "group");
  });
}

export class ProgressView extends controls.ProgressView {
  override update(): void {
    super.update();
    for (const bound of ["min", "max"]) this.progress.setAttribute(`aria-value${bound}`, this.model.get(bound));
    this.progress.setAttribute("aria-valuenow", this.model.get("value"));
  }
}

export class ToggleButtonView extends controls.ToggleButtonView {
  override update(options?: object): void {
    super.update(options);
    this.el.setAttribute("aria-pressed", String(!!this.model.get("value")));
  }
}

export class ToggleButtonsView extends controls.ToggleButtonsView {
  override update(options?: object): void {
    super.update(options);
    for (const button of this.buttongroup.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.classList.contains("mod-active")));
  }
}

export class PlayView extends controls.PlayView {
  override render(): void {
    super.render();
    this.stopButton.title = "Stop";
    this.repeatButton.title = "Repeat";
  }

  override updatePlaying(): void {
    super.updatePlaying();
    this.playPauseButton.title = this.model.get("playing") ? "Pause" : "Play";
  }

  override updateRepeat(): void {
    super.updateRepeat();
    this.repeatButton.setAttribute("aria-pressed", String(!!this.model.get("repeat")));
  }
}

/** An accordion whose headers the keyboard reaches. */
export class AccordionView extends controls.AccordionView {
  override render(): void {
    super.render();
    this.luminoWidget.selection.selectionChanged.connect(() => this.#describe());
    this.el.addEventListener("keydown", (event) => {
      const header = event.target as HTMLElement;
      if (!header.matches(".jupyter-widget-Collapse-header") || !["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      header.click();
    });
  }

  override async add_child_view(...child: Parameters<controls.AccordionView["add_child_view"]>) {
    const view = await super.add_child_view(...child);
    this.#describe();
    return view;
  }

  #describe(): void {
    for (const { node, collapsed } of this.luminoWidget.collapseWidgets) {
      const header = node.firstElementChild as HTMLElement;
      header.tabIndex = 0;
      header.setAttribute("role", "button");
      header.setAttribute("aria-expanded", String(!collapsed));
    }
  }
}
