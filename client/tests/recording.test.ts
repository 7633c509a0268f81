import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Problem } from "../src/problem.ts";
import { fetchRecording } from "../src/recording.ts";
import { FakeGateway, recordingOf } from "./door/gateway.ts";

const address = new URL("https://live.example.org/apps/demo/recording");
const problem =
  (status: number, code: string, headers = {}) =>
  () =>
    Response.json({ code, message: `This is ${code}.`, id: "log-1" }, { status, headers });
const found = () => new Response(recordingOf([]));
const offline = () => Promise.reject(new TypeError("Failed to fetch"));

let gateway: FakeGateway;
let leaving: AbortController;
const preparing = vi.fn<() => void>();

/** The recording's app, or the problem, when all the waiting is done. */
async function outcome(): Promise<string | Problem> {
  const fetching = fetchRecording(address, leaving.signal, preparing).then(
    ({ app }) => app,
    (error: Problem) => error,
  );
  await vi.advanceTimersByTimeAsync(60_000);
  return fetching;
}

beforeEach(() => {
  vi.useFakeTimers();
  preparing.mockClear();
  gateway = new FakeGateway();
  leaving = new AbortController();
});
afterEach(() => vi.useRealTimers());

describe("a recording", () => {
  test("is waited for while the app gets ready, no more often than the gateway asks", async () => {
    const notYet = problem(503, "preparing", { "Retry-After": "2" });
    gateway.answers = [notYet, notYet, notYet, found];
    const before = Date.now();
    const fetching = fetchRecording(address, leaving.signal, preparing);
    await vi.advanceTimersByTimeAsync(5_900);
    expect(gateway.requests).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await fetching).app).toBe("demo");
    expect(preparing).toHaveBeenCalledTimes(3);
    expect(Date.now() - before).toBeGreaterThanOrEqual(6_000);
  });

  test("is asked for again when the network or a proxy has failed", async () => {
    gateway.answers = [offline, () => new Response("<h1>Bad gateway</h1>", { status: 502 }), offline, found];
    expect(await outcome()).toBe("demo");
    expect(preparing).not.toHaveBeenCalled();
  });

  test("is given up when the network stays away", async () => {
    gateway.answers = [offline];
    expect(await outcome()).toMatchObject({ code: "unreachable" });
    expect(gateway.requests).toHaveLength(4);
  });

  test.each([
    [404, "unknown_app"],
    [403, "origin_not_allowed"],
    [503, "app_failed"],
  ])("is not asked for again after %i %s", async (status, code) => {
    gateway.answers = [problem(status, code), found];
    expect(await outcome()).toMatchObject({ code, message: `This is ${code}.`, id: "log-1" });
    expect(gateway.requests).toHaveLength(1);
  });

  test("that cannot be read is a problem with a reason", async () => {
    gateway.answers = [() => new Response("not a frame")];
    expect(await outcome()).toMatchObject({ code: "bad_recording", message: expect.stringContaining("too short") });
  });

  test("is not waited for any longer when nobody wants it", async () => {
    gateway.answers = [problem(503, "preparing", { "Retry-After": "5" })];
    setTimeout(() => leaving.abort(new Error("gone")), 100);
    expect(await outcome()).toMatchObject({ message: "gone" });
    expect(gateway.requests).toHaveLength(1);
  });
});
