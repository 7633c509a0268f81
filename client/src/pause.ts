/** Waits for so many milliseconds; rejects with the signal's reason when that comes first. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Milliseconds before the next attempt: doubled each time up to a limit, spread so that pages do not all come back at once. */
export function backoff(attempt: number, first: number, limit: number): number {
  return Math.min(first * 2 ** attempt, limit) * (0.75 + Math.random() / 2);
}
