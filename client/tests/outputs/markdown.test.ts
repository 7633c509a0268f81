// @vitest-environment jsdom -- DOMPurify needs a NodeIterator that survives removals, which happy-dom's does not
import { beforeEach, describe, expect, test, vi } from "vitest";
import { play } from "./stage.ts";

beforeEach(() => document.body.replaceChildren());

describe("Markdown", () => {
  const shown = async (text: string) => {
    const { display, host, drawn } = play();
    display({ "text/markdown": text });
    await drawn();
    return host;
  };

  test("has tables, code and formulas, and formulas are no Markdown", async () => {
    const host = await shown(
      "# Title\n\n| a | b |\n|---|---|\n| 1 | $x_1 * y_2 * z$ |\n\n`$HOME` and `$PATH`\n\n$$\na_1 + b_1\n= c_1\n$$\n\n\\(k\\)",
    );
    expect(host.querySelector("h1")!.textContent).toBe("Title");
    expect(host.querySelectorAll("td")).toHaveLength(2);
    await vi.waitFor(() => expect(host.querySelectorAll("math")).toHaveLength(3));
    expect(host.querySelectorAll("em")).toHaveLength(0);
    expect([...host.querySelectorAll("code")].map((code) => code.textContent)).toEqual(["$HOME", "$PATH"]);
    expect(host.querySelectorAll(".stagedoor-formula")).toHaveLength(1);
  });

  test("is text: no script, handler, style or form comes from it", async () => {
    const host = await shown(
      "ok <script>evil()</script><img src=x onerror=evil()><style>body{}</style><form action=/x></form>[l](javascript:evil())",
    );
    expect(host.querySelector("script, style, form, [onerror], [href^='javascript']")).toBeNull();
    expect(host.textContent).toContain("ok");
  });
});
