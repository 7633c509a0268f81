/** What went wrong, in the words of the gateway's answers: a code for programs, a sentence for people, an id that the gateway's log has. */
export interface Trouble {
  code: string;
  message: string;
  id: string;
}

/** A `Trouble` that is thrown. */
export class Problem extends Error implements Trouble {
  override name = "Problem";

  constructor(
    readonly code: string,
    message: string,
    readonly id = "",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
