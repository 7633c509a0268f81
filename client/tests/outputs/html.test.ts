import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeStage, play } from "./stage.ts";

declare global {
  interface Window {
    trace: string[];
    happyDOM: { settings: Record<string, unknown> };
  }
}

beforeEach(() => {
  window.trace = [];
  Object.assign(window.happyDOM.settings, { enableJavaScriptEvaluation: true, disableJavaScriptFileLoading: true });
  Object.assign(window.happyDOM.settings, { handleDisabledFileLoadingAsSuccess: true });
});
afterEach(() => document.body.replaceChildren());

describe("HTML of an app", () => {
  test("stays as it is", () => {
    const { display, host } = play();
    const html =
      '<style>.mine { color: red; }</style><p id="here" onclick="go()">text <a href="data/file.csv">data</a></p>';
    display({ "text/html": html });
    expect(host.querySelector(".stagedoor-html")!.innerHTML).toBe(html);
  });

  test("runs its scripts at once and in order, once for each view, when none is external", () => {
    const { display, outputs } = play();
    display({
      "text/html": [
        "<div class='target'></div><script>trace.push('one', document.querySelector('.target') !== null)</script>",
        "<script type='text/javascript'>trace.push('two')</script>",
        "<script type='application/json' id='data'>{\"not\": \"run\"}</script>",
      ],
    });
    expect(window.trace).toEqual(["one", true, "two"]);
    expect(document.querySelector("#data")!.textContent).toBe('{"not": "run"}');
    outputs.show(document.body.appendChild(document.createElement("div")));
    expect(window.trace).toHaveLength(6);
  });

  test("waits for an external script before it runs what follows", async () => {
    const { display, host } = play();
    let arrive = () => {};
    // The browser's part is played here: the script arrives when the test says so.
    vi.spyOn(HTMLScriptElement.prototype, "src", "get").mockImplementation(function (this: HTMLScriptElement) {
      return this.getAttribute("src") ?? "";
    });
    const append = Element.prototype.replaceWith;
    vi.spyOn(Element.prototype, "replaceWith").mockImplementation(function (this: Element, ...nodes) {
      const script = nodes[0] as HTMLScriptElement;
      if (!script.getAttribute("src")) return append.apply(this, nodes);
      script.type = "held";
      arrive = () => {
        window.trace.push("library");
        script.onload!(new Event("load"));
      };
      return append.apply(this, nodes);
    });
    display({
      "text/html":
        "<script>trace.push('before')</script><script src='library.js'></script><script>trace.push('after')</script><b>seen</b>",
    });
    expect(host.querySelector("b")).not.toBeNull();
    expect(window.trace).toEqual(["before"]);
    arrive();
    await vi.waitFor(() => expect(window.trace).toEqual(["before", "library", "after"]));
  });

  test("runs scripts only once it is in the document", async () => {
    const { outputs, display } = play();
    display({ "text/html": "<script>trace.push('ran')</script>" });
    const apart = document.createElement("div");
    const { ready } = outputs.show(apart);
    await ready;
    expect(window.trace).toEqual(["ran"]);
    document.body.append(apart);
    await vi.waitFor(() => expect(window.trace).toEqual(["ran", "ran"]));
  });

  test("runs no more scripts when it has been taken away", async () => {
    const { outputs, display } = play();
    display({ "text/html": "<script>trace.push('ran')</script>" });
    const apart = document.createElement("div");
    outputs.show(apart).remove();
    document.body.append(apart);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    expect(window.trace).toEqual(["ran"]);
  });
});

describe("JavaScript of an app", () => {
  test("finds its output's element, after what was displayed before it", async () => {
    const { display, host } = play();
    display({ "application/json": { rows: 3 } });
    display({ "application/javascript": "element.append(document.querySelectorAll('details').length + ' tree')" });
    await vi.waitFor(() => expect(host.textContent).toContain("1 tree"));
  });

  test("that fails says so on the page and in a report", async () => {
    const stage = fakeStage();
    const { display, host } = play(stage);
    display({ "text/javascript": "missing.call()", "text/plain": "<IPython.core.display.Javascript object>" });
    await vi.waitFor(() => expect(host.textContent).toContain("A script of the app has failed. (ReferenceError"));
    expect(host.textContent).not.toContain("IPython");
    expect(stage.report).toHaveBeenCalledOnce();
  });
});
