import { describe, expect, test } from "vitest";
import { fakeStage, play } from "./stage.ts";

function ask(prompt: string, password = false) {
  const stage = fakeStage();
  const played = play(stage);
  played.send("input_request", { prompt, password });
  const input = () => played.host.querySelector("input");
  const enter = (value: string) => {
    input()!.value = value;
    played.host.querySelector("form")!.requestSubmit();
  };
  return { ...played, stage, input, enter };
}

describe("an input() of the app", () => {
  test("is a labelled field; Enter answers, and question and answer stay to be read", () => {
    const { input, enter, stage, text, host } = ask("Your name: ");
    expect(input()!.closest("label")!.textContent).toBe("Your name: ");
    expect(input()!.type).toBe("text");
    enter("Ada");
    expect(stage.answer).toHaveBeenCalledExactlyOnceWith("Ada");
    expect(host.querySelector("form")).toBeNull();
    expect(text()).toEqual(["Your name: Ada\n"]);
  });

  test("of a password shows it nowhere", () => {
    const { input, enter, stage, host } = ask("Password: ", true);
    expect(input()!.type).toBe("password");
    enter("swordfish");
    expect(stage.answer).toHaveBeenCalledWith("swordfish");
    expect(host.innerHTML).not.toContain("swordfish");
    expect(host.textContent).toContain("Password: ····");
  });

  test("without words has a name for screen readers", () => {
    expect(ask("").input()!.getAttribute("aria-label")).toBe("The app asks for input");
  });

  test("stays below outputs that come meanwhile, and is void when it has been answered elsewhere", () => {
    const { print, host, outputs, stage, text } = ask("? ");
    print("meanwhile");
    expect(host.querySelector(".stagedoor-outputs")!.lastElementChild!.tagName).toBe("FORM");
    outputs.closePrompt();
    expect(host.querySelector("form")).toBeNull();
    expect(text()).toEqual(["meanwhile"]);
    expect(stage.answer).not.toHaveBeenCalled();
  });

  test("is in every view, and answered once for all of them", () => {
    const { outputs, enter } = ask("? ");
    const second = document.body.appendChild(document.createElement("div"));
    outputs.show(second);
    expect(second.querySelector("input")).not.toBeNull();
    enter("yes");
    expect(second.querySelector("form")).toBeNull();
    expect(second.textContent).toBe("? yes\n");
  });

  test("keeps the focus from question to question, and takes it from nowhere else", () => {
    const { input, enter, send } = ask("first? ");
    expect(document.activeElement).not.toBe(input());
    input()!.focus();
    enter("1");
    send("input_request", { prompt: "second? ", password: false });
    expect(document.activeElement).toBe(input());
  });
});
