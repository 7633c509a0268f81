import { count, press, text } from "../drive/see.mjs";

export const title = "HTML and Javascript that use RequireJS";
export const packages = ["plotly"];

export const shows = async (page) =>
  (await text(page)).includes("a module") &&
  (await page.$eval("stage-door #umd", (p) => p.textContent)) === "undefined" &&
  (await count(page, ".plotly .point")) === 3;
export const act = (page) => press(page, "Colour");
export const changes = (page) =>
  page.$eval("stage-door .plotly .point path", (bar) => getComputedStyle(bar).fill === "rgb(1, 2, 3)");
