import { expect, test, vi } from "vitest";
import { Sequence } from "../../src/widgets/sequence.ts";

test("a job that finds nothing before it is done in the caller's turn", () => {
  const job = vi.fn();
  new Sequence(vi.fn()).add(job);
  expect(job).toHaveBeenCalledOnce();
});

test("a job waits until the one before it is done, and those after it wait too", async () => {
  const sequence = new Sequence(vi.fn());
  const done: string[] = [];
  let finish = () => {};
  sequence.add(() => new Promise<void>((resolve) => (finish = resolve)).then(() => done.push("first")));
  sequence.add(() => void done.push("second"));
  const settled = sequence.settled();
  sequence.add(() => void done.push("third"));
  expect(done).toEqual([]);
  finish();
  await settled;
  expect(done).toEqual(["first", "second", "third"]);
});

test("what a job throws, at once or later, is told, and the next job is done all the same", async () => {
  const failed = vi.fn();
  const sequence = new Sequence(failed);
  sequence.add(() => {
    throw new Error("at once");
  });
  sequence.add(() => Promise.reject(new Error("later")));
  await sequence.settled();
  expect(failed.mock.calls.map(([error]) => error.message)).toEqual(["at once", "later"]);
});
