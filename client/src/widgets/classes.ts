import * as base from "@jupyter-widgets/base";
import * as controls from "@jupyter-widgets/controls";
import { ClosedModel, ClosedView, FailedView } from "./absent.ts";
import { AnyModel, AnyView } from "./anywidget.ts";
import * as accessible from "./accessible.ts";
import * as core from "./core.ts";
import type { Stage } from "../stage.ts";
import { OutputModel, OutputView } from "./output.ts";

/** The classes of the packages that are here, by the name in `_model_module` and `_view_module`. */
export const packages = new Map<string, Record<string, unknown>>([
  ["@jupyter-widgets/base", { ...base, ClosedModel, ClosedView, FailedView }],
  ["@jupyter-widgets/controls", { ...controls, ...accessible, ...core }],
  ["@jupyter-widgets/output", { OutputModel, OutputView }],
  ["anywidget", { AnyModel, AnyView }],
]);

/** The class of a model or a view of the packages that are part of this page's code; undefined for others. */
export function findClass<Class>(name: string, module: string): Class | undefined {
  return packages.get(module)?.[name] as Class | undefined;
}

/**
 * The class of a model or a view of a package that is installed beside the app; undefined when there is none.
 *
 * @throws Error when it is there and cannot be loaded
 */
export async function loadClass<Class>(name: string, module: string, stage: Stage): Promise<Class | undefined> {
  if (!Object.hasOwn(stage.extensions, module)) return undefined;
  const { loadClasses } = await import("./extensions/index.ts");
  return (await loadClasses(module, stage))[name] as Class | undefined;
}
