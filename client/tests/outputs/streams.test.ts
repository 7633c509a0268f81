import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/outputs/terminal.ts";
import { play } from "./stage.ts";

describe("what an app prints", () => {
  test("is one text as long as the stream is the same", () => {
    const { print, text, all } = play();
    print("a");
    print("b\n");
    print("oh", "stderr");
    print("c");
    expect(text()).toEqual(["ab\n", "oh", "c"]);
    expect(all(".stagedoor-stderr")).toHaveLength(1);
  });

  test("is written over after a carriage return, as a progress bar wants, across messages too", () => {
    const { print, text } = play();
    print("start\n  0%");
    print("\r 50%\r");
    print("100%");
    expect(text()).toEqual(["start\n100%"]);
    print("\rok");
    expect(text(), "a shorter text covers only its own length").toEqual(["start\nok0%"]);
    print("\r\x1b[Kdone\r\n");
    expect(text()).toEqual(["start\ndone\n"]);
  });

  test("is taken back by backspaces within its line", () => {
    const { print, text } = play();
    print("x\nabc\b\bB\b\b\b\b\bA");
    expect(text()).toEqual(["x\nABc"]);
  });

  test("can go back to the lines above, as nested progress bars do", () => {
    const { print, text } = play();
    print("outer 0%\ninner 0%");
    print("\x1b[A\router 50%\n\rinner 99%");
    expect(text()).toEqual(["outer 50%\ninner 99%"]);
  });

  test("loses what came before a cleared screen", () => {
    const { print, text } = play();
    print("old\nlines\n\x1b[H\x1b[2J\x1b[3Jnew");
    expect(text()[0]?.trim()).toBe("new");
  });

  test("keeps lines that do not change in place", () => {
    const { print, all } = play();
    print("one\ntwo\n");
    const [first] = all("pre > span");
    print("three\n");
    const lines = all("pre > span");
    expect(lines[0]).toBe(first);
    expect(lines.map((line) => line.textContent)).toEqual(["one\n", "two\n", "three\n", ""]);
  });

  test("stays bounded, and says so", () => {
    const { print, all } = play();
    const notice = all(".stagedoor-notice")[0];
    for (let i = 0; i < 20; i++) print(Array.from({ length: 1000 }, (_, n) => `line ${i * 1000 + n}\n`).join(""));
    const lines = all("pre > span");
    expect(lines.length).toBeLessThanOrEqual(LIMITS.lines);
    expect(lines.length).toBeGreaterThan(LIMITS.lines / 2);
    expect(lines.at(-2)!.textContent).toBe("line 19999\n");
    expect(notice ?? all(".stagedoor-notice")[0]).toHaveProperty("hidden", false);
  });

  test("stays bounded when it is one line without an end, in one piece or in many", () => {
    const { print, all } = play();
    print("x".repeat(3 * LIMITS.characters));
    for (let i = 0; i < 10; i++) print("y".repeat(LIMITS.characters / 4));
    expect(all("pre")[0].textContent!.length).toBeLessThanOrEqual(LIMITS.characters);
    expect(all("pre")[0].textContent!.at(-1)).toBe("y");
  });
});

describe("colours", () => {
  const styled = (text: string) => {
    const { print, all } = play();
    print(text);
    return all("pre span span").map((span) => [span.textContent, span.style.cssText.replaceAll(" ", "")]);
  };

  test("of the sixteen are the page's, and end where they are reset", () => {
    expect(styled("a\x1b[31mred\x1b[0m b \x1b[1;92mbold\x1b[22m thin\x1b[39m c")).toEqual([
      ["red", "color:var(--_ansi-1);"],
      ["bold", "font-weight:bold;color:var(--_ansi-10);"],
      [" thin", "color:var(--_ansi-10);"],
    ]);
  });

  test("of the palette and of the whole spectrum", () => {
    expect(styled("\x1b[38;5;208mo\x1b[48;5;232;38;5;1mg\x1b[0;48;2;1;2;3mt")).toEqual([
      ["o", expect.stringMatching(/^color:rgb\(255,135,0\)/)],
      ["g", expect.stringMatching(/^color:var\(--_ansi-1\);background:rgb\(8,8,8\)/)],
      ["t", expect.stringMatching(/^background:rgb\(1,2,3\)/)],
    ]);
  });

  test("survive a sequence that is cut between two messages", () => {
    const { print, all, text } = play();
    print("a\x1b[3");
    expect(text()).toEqual(["a"]);
    print("4mblue\nstill\x1b]8;;https://example.org\x1b");
    print("\\link");
    expect(text()).toEqual(["ablue\nstilllink"]);
    expect(all("pre span span").map((span) => span.textContent)).toEqual(["blue", "stilllink"]);
  });

  test("are kept when text is written over in the middle", () => {
    expect(styled("\x1b[31mabcdef\r\x1b[32mXY\x1b[0m").map(([text]) => text)).toEqual(["XY", "cdef"]);
  });
});
