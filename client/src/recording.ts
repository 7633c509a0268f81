/** Fetching an app's recording: patient while the app gets ready, persistent when the network fails, clear when there is none. */
import { backoff, pause } from "./pause.ts";
import { Problem } from "./problem.ts";
import { decodeRecording, type Recording } from "./wire.ts";

/** How often a request is made again that the network or a proxy has let down. */
const RETRIES = 3;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 3_000;
/** The longest wait that a gateway may ask for. */
const LONGEST_ASKED_MS = 15_000;

/** A request that may well succeed when it is made again. */
class Passing extends Problem {
  /** What the gateway asks to wait, in milliseconds, and whether the app is only getting ready. */
  constructor(
    problem: Problem,
    readonly wait?: number,
    readonly preparing = false,
  ) {
    super(problem.code, problem.message, problem.id, problem);
  }
}

/**
 * The recording at this address.
 *
 * @param onPreparing called each time when the gateway says that the app's first run goes on still
 * @throws Problem when there is none to be had, or the signal's reason
 */
export async function fetchRecording(address: URL, signal: AbortSignal, onPreparing: () => void): Promise<Recording> {
  for (let failures = 0, polls = 0; ;) {
    try {
      return await request(address, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      if (error.preparing) onPreparing();
      else if (++failures > RETRIES) throw error;
      const attempt = error.preparing ? polls++ : failures - 1;
      await pause(Math.max(error.wait ?? 0, backoff(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS)), signal);
    }
  }
}

async function request(address: URL, signal: AbortSignal): Promise<Recording> {
  let response: Response;
  let body: ArrayBuffer;
  try {
    response = await fetch(address, { signal, credentials: "same-origin", mode: "cors" });
    body = await response.arrayBuffer();
  } catch (error) {
    throw new Passing(new Problem("unreachable", "The app could not be reached.", "", { cause: error }));
  }
  if (!response.ok) throw refusal(response, body);
  try {
    return decodeRecording(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem("bad_recording", `The app's recording cannot be read: ${reason}`, "", { cause: error });
  }
}

function refusal(response: Response, body: ArrayBuffer): Problem {
  const { code, message, id } = answerOf(body);
  const problem = new Problem(
    code ?? `http_${response.status}`,
    message ?? `The app could not be loaded (HTTP status ${response.status}).`,
    id,
  );
  const wait = Number(response.headers.get("Retry-After"));
  if (code === "preparing" || wait > 0) {
    return new Passing(problem, Math.min(wait * 1000 || 0, LONGEST_ASKED_MS), code === "preparing");
  }
  // Without our own words it is a proxy that speaks, whose gateway may be back in a moment.
  return !code && response.status >= 500 ? new Passing(problem) : problem;
}

function answerOf(body: ArrayBuffer): { code?: string; message?: string; id?: string } {
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(body));
    const { code, message, id } = Object(answer);
    return typeof code === "string" && typeof message === "string" ? { code, message, id: String(id ?? "") } : {};
  } catch {
    return {};
  }
}
