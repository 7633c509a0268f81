/** What docs/tokens.md shows for a page's own script, run as it stands. */
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import "../src/stage-door.ts";
import { BASE, FakeGateway, print, recordingOf, soon } from "./door/gateway.ts";

test("the callback gives a token, and another when it has expired", async () => {
  const page = await readFile(`${import.meta.dirname}/../../docs/tokens.md`, "utf-8");
  const [, source] = /^```js\n([^]*?)^```$/m.exec(page)!;
  const gateway = new FakeGateway();
  gateway.answers = [
    () => Response.json({ code: "token_expired", message: "No.", id: "x" }, { status: 403 }),
    () => new Response(recordingOf([print("shown\n")])),
  ];
  const toGateway = globalThis.fetch;
  const site = vi.fn((_: string) => Promise.resolve(new Response(`t${site.mock.calls.length}`)));
  vi.stubGlobal("fetch", (address: string | URL) => (typeof address === "string" ? site(address) : toGateway(address)));

  const element = document.createElement("stage-door");
  element.setAttribute("src", BASE);
  document.body.append(element);
  new Function(source)();
  element.setAttribute("app", "grades");
  await soon(() => expect(element.getAttribute("state")).toBe("recorded"));
  expect(site.mock.calls).toEqual([["/stagedoor-token/grades"], ["/stagedoor-token/grades"]]);
  expect(gateway.requests.map((url) => url.searchParams.get("token"))).toEqual(["t1", "t2"]);
  element.remove();
});
