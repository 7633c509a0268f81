/** What an element tells its visitor in words: a line below the outputs, read aloud by screen readers, with a button when something can be done. */

export interface Said {
  text: string;
  /** The id by which the operator finds more in the log. */
  id?: string;
  button?: { label: string; press: () => void };
  /** Milliseconds for which the words are held back: what passes quickly need not be said. */
  delay?: number;
  /** Whether to be read aloud; of several elements with the same words one is enough. */
  aloud?: boolean;
}

export class Notice {
  readonly element = document.createElement("div");
  #timer?: ReturnType<typeof setTimeout>;
  #said = "";

  constructor() {
    this.element.className = "stagedoor-status";
    this.element.setAttribute("role", "status");
    this.element.tabIndex = -1;
  }

  /** Says this from now on; nothing when it is left out. */
  say(said?: Said): void {
    const key = said ? [said.text, said.id, said.button?.label].join("\n") : "";
    if (key === this.#said) return;
    this.#said = key;
    clearTimeout(this.#timer);
    if (said?.delay) this.#timer = setTimeout(() => this.#put(said), said.delay);
    else this.#put(said);
  }

  #put(said?: Said): void {
    // A button that goes while it has the focus leaves the focus with the notice, not at the top of the page.
    if (this.element.contains(document.activeElement)) this.element.focus({ preventScroll: true });
    this.element.setAttribute("aria-live", said?.aloud === false ? "off" : "polite");
    this.element.replaceChildren();
    if (!said) return;
    const line = this.element.appendChild(document.createElement("p"));
    line.textContent = said.text;
    if (said.id) {
      const id = document.createElement("small");
      id.textContent = `(${said.id})`;
      line.append(" ", id);
    }
    if (!said.button) return;
    const button = this.element.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = said.button.label;
    button.onclick = said.button.press;
  }
}
