/** What an `input_request` asks for. */
export interface Prompt {
  text: string;
  password: boolean;
}

/** A labelled field for the answer; Enter submits it. */
export function promptForm({ text, password }: Prompt, submit: (value: string) => void): HTMLFormElement {
  const form = document.createElement("form");
  form.className = "stagedoor-prompt";
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = password ? "password" : "text";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.setAttribute("autocapitalize", "off");
  input.enterKeyHint = "send";
  const caption = document.createElement("span");
  caption.textContent = text;
  if (!text.trim()) input.setAttribute("aria-label", "The app asks for input");
  label.append(caption, input);
  form.append(label);
  form.onsubmit = (event) => {
    event.preventDefault();
    submit(input.value);
  };
  return form;
}
