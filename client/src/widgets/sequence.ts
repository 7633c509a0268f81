/** What a job returns when it goes on; nothing when it is done. */
export type Job = () => void | Promise<unknown>;

/**
 * Does jobs one after another. A job that finds nothing before it is done at once, in the caller's turn: an update of a widget
 * is on the screen without waiting for anything.
 */
export class Sequence {
  readonly #jobs: Job[] = [];
  readonly #failed: (error: unknown) => void;
  #waiting = false;

  /** `failed` is told what a job throws; the jobs after it are done all the same. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    if (!this.#waiting) this.#go();
  }

  /** Resolves when all jobs added so far are done. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.add(resolve));
  }

  #go(): void {
    this.#waiting = true;
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      const going = this.#start(job);
      if (!going) continue;
      void going.catch(this.#failed).then(() => this.#go());
      return;
    }
    this.#waiting = false;
  }

  #start(job: Job): void | Promise<unknown> {
    try {
      return job();
    } catch (error) {
      this.#failed(error);
    }
  }
}
