import { DOMWidgetModel, DOMWidgetView, ErrorWidgetView } from "@jupyter-widgets/base";

/** What a visitor is told of a widget whose code fails. */
export const FAILED = "This widget could not be shown.";

/** In place of a widget whose code is not here: keeps the state that it gets. */
export class AbsentModel extends DOMWidgetModel {}

/** Says which package is missing. */
export class AbsentView extends DOMWidgetView {
  override render(): void {
    say(this.el, `This widget needs the package ${this.model.get("_view_module")}, which is not available here.`);
  }
}

/** In place of a widget that has been closed while another one still refers to it. */
export class ClosedModel extends DOMWidgetModel {
  override defaults() {
    return { ...super.defaults(), _view_name: "ClosedView" };
  }
}

/** Shows nothing. */
export class ClosedView extends DOMWidgetView {
  override render(): void {
    this.el.style.display = "none";
  }
}

/** In place of a widget whose code fails. */
export class FailedView extends DOMWidgetView {
  override render(): void {
    say(this.el, FAILED);
  }
}

// ipywidgets shows a JavaScript stack on a click; a visitor has no use for it, and the page gets it as `stagedoor-error`.
ErrorWidgetView.prototype.render = function (this: ErrorWidgetView) {
  say(this.el, FAILED);
};

/** Puts a sentence in place of a widget. */
export function say(element: HTMLElement, sentence: string): void {
  element.classList.add("jupyter-widgets", "stagedoor-absent");
  element.textContent = sentence;
}
