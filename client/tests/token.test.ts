import { afterEach, expect, test, vi } from "vitest";
import { join, type Session, type TokenProvider, type Viewer } from "../src/session.ts";
import { BASE, FakeGateway, open, recordingOf, soon, view } from "./door/gateway.ts";

const recording = recordingOf([open("a"), view("a")]);
const viewer: Viewer = { root: document, update: () => {}, troubled: () => {} };
let session: Session;

function refusal(code: string): Response {
  return new Response(JSON.stringify({ code, message: "No.", id: "x" }), { status: 403 });
}

function enter(token: string | TokenProvider): Session {
  return (session = join({ base: new URL(BASE), app: "demo", token, params: {} }, viewer));
}

afterEach(() => session.leave(viewer));

test("a token goes with the recording and the live connection", async () => {
  const gateway = new FakeGateway(recording);
  enter("t1").open();
  await soon(() => expect(session.status.state).toBe("live"));
  expect(gateway.requests[0].searchParams.get("token")).toBe("t1");
  expect(gateway.socket.url.searchParams.get("token")).toBe("t1");
});

test("a page's function gives the token, and another one when it has expired", async () => {
  const gateway = new FakeGateway(recording);
  gateway.answers.unshift(() => refusal("token_expired"));
  const provider = vi.fn(() => Promise.resolve(`t${provider.mock.calls.length}`));
  enter(provider);
  await soon(() => expect(session.status.state).toBe("recorded"));
  expect(gateway.requests.map((url) => url.searchParams.get("token"))).toEqual(["t1", "t2"]);
});

test("a new token that is no better is not asked for again and again", async () => {
  const gateway = new FakeGateway(recording);
  gateway.answers = [() => refusal("token_expired")];
  const provider = vi.fn(() => "old");
  enter(provider);
  await soon(() => expect(session.status).toMatchObject({ state: "failed", code: "token_expired" }));
  expect(provider).toHaveBeenCalledTimes(2);
});

test("a token that opens nothing is said, and not replaced", async () => {
  const gateway = new FakeGateway(recording);
  gateway.answers = [() => refusal("token_other_app")];
  const provider = vi.fn(() => "other");
  enter(provider);
  await soon(() => expect(session.status).toMatchObject({ state: "failed", message: "No." }));
  expect(provider).toHaveBeenCalledTimes(1);
});

test("a session is refused for an expired token: the page asks for another one, and goes on", async () => {
  const gateway = new FakeGateway(recording);
  gateway.quick = false;
  const provider = vi.fn(() => `t${provider.mock.calls.length}`);
  enter(provider).open();
  await soon(() => expect(gateway.sessions).toHaveLength(1));
  gateway.quick = true;
  gateway.session.announce("failed", { session: "", code: "token_expired" });
  await soon(() => expect(session.status.state).toBe("live"));
  expect(gateway.socket.url.searchParams.get("token")).toBe("t2");
});
