import css from "./json.css";
import type { Context, Rendering } from "./rendering.ts";

/** Members shown at once: a list of a million must not fill the page. */
const STEP = 100;

/** A tree of `<details>`, so that mouse, keyboard and screen readers can open it; a branch is made when it is opened. */
export function render(value: unknown, { element, metadata, stage }: Context): Rendering {
  stage.style(css);
  element.classList.add("stagedoor-json");
  element.append(node(parsed(value), String(metadata.root ?? "root"), metadata.expanded === true, true));
  return {};
}

/** An app may send JSON as a text of JSON. */
function parsed(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

function node(value: unknown, name: string, expanded: boolean, top = false): HTMLElement {
  if (typeof value !== "object" || value === null) return leaf(value, name);
  const entries = Object.entries(value);
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  summary.append(label(name), mark("size", size));
  details.append(summary);
  details.ontoggle = () => {
    if (details.open && details.childElementCount === 1) fill(details, entries, expanded);
  };
  details.open = top || expanded;
  if (details.open) fill(details, entries, expanded);
  return details;
}

function fill(branch: HTMLElement, entries: [string, unknown][], expanded: boolean): void {
  branch.append(...entries.slice(0, STEP).map(([name, value]) => node(value, name, expanded)));
  const rest = entries.slice(STEP);
  if (!rest.length) return;
  const more = document.createElement("button");
  more.type = "button";
  more.textContent = `show ${Math.min(STEP, rest.length)} more of ${rest.length}`;
  more.onclick = () => {
    const shown = branch.childElementCount - 1;
    more.remove();
    fill(branch, rest, expanded);
    // Focus goes on to what the button has brought.
    (branch.children[shown].querySelector("summary") ?? branch.querySelector(":scope > button"))?.focus();
  };
  branch.append(more);
}

function leaf(value: unknown, name: string): HTMLElement {
  const line = document.createElement("div");
  line.append(label(name), mark(value === null ? "null" : typeof value, JSON.stringify(value) ?? ""));
  return line;
}

function label(name: string): HTMLElement {
  return mark("name", `${name}: `);
}

function mark(kind: string, text: string): HTMLElement {
  const span = document.createElement("span");
  span.className = `stagedoor-json-${kind}`;
  span.textContent = text;
  return span;
}
