import type { Stage } from "../stage.ts";

/** What is being drawn in each session, in all of its cells: a script may look up what another cell shows. */
const drawings = new WeakMap<Stage, Set<Promise<unknown>>>();

/** Resolves when everything is drawn that has been begun so far; undefined when it is. */
export function begunSoFar(stage: Stage): Promise<unknown> | undefined {
  const begun = drawings.get(stage);
  return begun?.size ? Promise.all(begun) : undefined;
}

/** A drawing, which does not reject, has been begun. */
export function begin(stage: Stage, drawing: Promise<unknown>): void {
  const begun = drawings.get(stage) ?? new Set();
  drawings.set(stage, begun.add(drawing));
  void drawing.finally(() => begun.delete(drawing));
}
