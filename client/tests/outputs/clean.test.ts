// @vitest-environment jsdom -- DOMPurify needs a NodeIterator that survives removals, which happy-dom's does not
import { beforeEach, describe, expect, test } from "vitest";
import { fakeStage, play } from "./stage.ts";

beforeEach(() => {
  window.trace = [];
});

describe("HTML of an app whose scripts do not run", () => {
  test("is cleaned, and JavaScript is not run", async () => {
    const { display, drawn, host } = play(fakeStage({ scripts: false }));
    display({
      "text/html":
        '<b>bold</b><script>trace.push("script")</script><img src="x" onerror="trace.push(1)"><a href="javascript:trace.push(2)">a</a><style>* { color: red }</style>',
    });
    display({ "application/javascript": 'trace.push("javascript")' });
    await drawn();
    expect(host.querySelector("b")!.textContent).toBe("bold");
    expect(host.innerHTML).not.toMatch(/<script|javascript:|onerror|<style/);
    expect(host.textContent).toContain("do not run");
    expect(window.trace).toEqual([]);
  });
});
