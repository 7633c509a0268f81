import { OutputModel as OutputModelBase, OutputView as OutputViewBase } from "@jupyter-widgets/output";
import type { Message, Outputs } from "../stage.ts";
import type { WidgetManager } from "./manager.ts";

/** An output widget: captures the outputs of the message whose id is its `msg_id`. */
export class OutputModel extends OutputModelBase {
  declare widget_manager: WidgetManager;
  declare captured: Outputs;

  override defaults() {
    return { ...super.defaults(), msg_id: "", outputs: [] };
  }

  override initialize(attributes: Record<string, unknown>, options: never): void {
    super.initialize(attributes, options);
    this.captured = this.widget_manager.newOutputs();
    this.captured.load(this.get("outputs"));
    this.on("change:msg_id", () => this.widget_manager.captures(this));
    this.widget_manager.captures(this);
  }

  /** The kernel's `outputs` replace what has been captured, even when they are what they were before that. */
  override set_state({ outputs, ...state }: Record<string, unknown>): void {
    if (outputs) this.captured.load(outputs as Record<string, unknown>[]);
    super.set_state(state);
  }

  /** An echo tells of outputs that the page has shown already, and maybe more since. */
  override _handle_comm_msg(message: never): Promise<void> {
    const { data } = (message as Message).content;
    if (data.method === "echo_update") delete data.state.outputs;
    return super._handle_comm_msg(message);
  }

  override close(commClosed = false): Promise<void> {
    this.captured.clear();
    this.widget_manager.release(this);
    return super.close(commClosed);
  }
}

export class OutputView extends OutputViewBase {
  declare model: OutputModel;
  #hide?: () => void;

  override render(): void {
    super.render();
    this.el.classList.add("jupyter-widgets", "widget-output");
    this.#hide = this.model.captured.show(this.el).remove;
  }

  override remove(): this {
    this.#hide?.();
    return super.remove();
  }
}
