import * as base from "@jupyter-widgets/base";
import * as controls from "@jupyter-widgets/controls";
import { ClosedModel, ClosedView } from "./absent.ts";
import { AnyModel, AnyView } from "./anywidget.ts";
import * as accessible from "./accessible.ts";
import * as core from "./core.ts";
import { OutputModel, OutputView } from "./output.ts";

/** The classes of the packages that are here, by the name in `_model_module` and `_view_module`. */
const packages = new Map<string, Record<string, unknown>>([
  ["@jupyter-widgets/base", { ...base, ClosedModel, ClosedView }],
  ["@jupyter-widgets/controls", { ...controls, ...accessible, ...core }],
  ["@jupyter-widgets/output", { OutputModel, OutputView }],
  ["anywidget", { AnyModel, AnyView }],
]);

/** The class of a model or a view; undefined when there is no such package or class here. */
export function findClass<Class>(name: string, module: string): Class | undefined {
  return packages.get(module)?.[name] as Class | undefined;
}
