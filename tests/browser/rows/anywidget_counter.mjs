import { press, text } from "../drive/see.mjs";

export const title = "anywidget";
export const packages = ["anywidget"];
export const core = true;
export const embedded = true;

const look = (page) =>
  page.$eval("stage-door .matrix-counter", (button) =>
    [button.innerText, button.title, getComputedStyle(button).color].join(),
  );

export const shows = async (page) => (await look(page)) === "count 1,,rgb(1, 2, 3)";
export const act = (page) => press(page, "count 1");
export const changes = async (page) =>
  (await look(page)) === "count 2,doubled 4,rgb(1, 2, 3)" && (await text(page)).includes("count is 2");
