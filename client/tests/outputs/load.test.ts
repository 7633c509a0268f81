import { describe, expect, test } from "vitest";
import { play } from "./stage.ts";

const stream = (text: string | string[], name = "stdout") => ({ output_type: "stream", name, text });
const plain = (text: string | string[]) => ({
  output_type: "display_data",
  data: { "text/plain": text },
  metadata: {},
});

describe("outputs in notebook format", () => {
  test("may have texts in pieces, and adjacent streams", () => {
    const { outputs, text } = play();
    outputs.load([
      stream(["a\n", "b"]),
      stream("c"),
      plain(["d\n", "e"]),
      { output_type: "error", ename: "E", evalue: "Sorry.", traceback: ["Sorry."] },
      { output_type: "unheard_of" },
    ]);
    expect(text()).toEqual(["a\nbc", "d\ne", "Sorry."]);
  });

  test("replace what was there", () => {
    const { outputs, print, text } = play();
    print("old");
    outputs.load([plain("new")]);
    expect(text()).toEqual(["new"]);
    outputs.load([]);
    expect(text()).toEqual([]);
  });

  test("are followed by messages", () => {
    const { outputs, print, text } = play();
    outputs.load([stream("click\n")]);
    print("click\n");
    expect(text()).toEqual(["click\nclick\n"]);
  });

  test("that only add to what is shown leave the rest in place", () => {
    const { outputs, all, text } = play();
    outputs.load([plain("table"), stream("1\n")]);
    const shown = all(".stagedoor-output pre");
    outputs.load([plain("table"), stream("1\n2\n"), plain("end")]);
    expect(text()).toEqual(["table", "1\n2\n", "end"]);
    expect(all(".stagedoor-output pre").slice(0, 2)).toEqual(shown);
    outputs.load([plain("table"), stream("1\n3\n"), plain("end")]);
    expect(text()).toEqual(["table", "1\n3\n", "end"]);
  });
});
