import { count, slide } from "../drive/see.mjs";

export const title = "LaTeX and HTMLMath";
export const packages = ["ipywidgets"];

const cells = (page) => count(page, "mtd");
const exponent = (page) => page.$eval("stage-door .widget-htmlmath math", (math) => math.textContent);

export const shows = async (page) =>
  (await count(page, "math")) === 4 && (await cells(page)) > 225 && (await exponent(page)) === "x2";
export const act = (page) => slide(page, 1);
export const changes = async (page) => (await exponent(page)) === "x3";
