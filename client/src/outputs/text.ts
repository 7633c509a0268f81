import type { Rendering } from "./rendering.ts";
import { type Line, Terminal } from "./terminal.ts";

/** Shows a terminal's text in `element` and keeps it up to date: one element a line, so that only changed lines are drawn. */
export function showTerminal(terminal: Terminal, element: HTMLElement, kind: string): Rendering {
  const pre = document.createElement("pre");
  pre.className = `stagedoor-text ${kind}`;
  const nodes = new Map<Line, HTMLElement>();
  element.append(pre);

  const draw = (lines: Iterable<Line>) => {
    const added = document.createDocumentFragment();
    const last = terminal.lines.at(-1);
    for (const line of lines) {
      let node = nodes.get(line);
      if (!node) {
        node = document.createElement("span");
        nodes.set(line, node);
        added.append(node);
      }
      drawLine(line, node, line !== last);
    }
    pre.append(added);
    if (terminal.trimmed && element.firstChild === pre) {
      pre.before(notice("Earlier text is not shown: there was too much of it."));
    }
  };

  draw(terminal.lines);
  const remove = terminal.listen(({ dropped, changed }) => {
    const shown = nodes.keys();
    for (let i = 0; i < dropped; i++) {
      // Lines that one write made and dropped have never been shown.
      const line = shown.next().value;
      if (!line) break;
      nodes.get(line)!.remove();
      nodes.delete(line);
    }
    draw(changed);
  });
  return { remove };
}

function drawLine(line: Line, node: HTMLElement, ended: boolean): void {
  const [first, ...others] = line.runs;
  const end = ended ? "\n" : "";
  if (!others.length && !first?.style) {
    const text = (first?.text ?? "") + end;
    const shown = node.firstChild;
    if (shown instanceof Text && shown === node.lastChild && text.startsWith(shown.data)) {
      shown.appendData(text.slice(shown.length));
    } else node.textContent = text;
    return;
  }
  const spans = line.runs.map(({ text, style }) => {
    if (!style) return text;
    const span = document.createElement("span");
    span.style.cssText = style;
    span.textContent = text;
    return span;
  });
  node.replaceChildren(...spans, end);
}

/** Shows a text that stays as it is, with colours if it has any. */
export function showText(text: string, element: HTMLElement): Rendering {
  if (text.length < 100_000 && !/[\x00-\x08\r\x1b]/.test(text)) {
    const pre = document.createElement("pre");
    pre.className = "stagedoor-text stagedoor-plain";
    pre.textContent = text;
    element.append(pre);
    return {};
  }
  const terminal = new Terminal();
  terminal.write(text);
  return showTerminal(terminal, element, "stagedoor-plain");
}

/** A line of ours among the app's outputs. */
export function notice(sentence: string): HTMLElement {
  const line = document.createElement("p");
  line.className = "stagedoor-notice";
  line.textContent = sentence;
  return line;
}
