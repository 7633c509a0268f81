import { text } from "../drive/see.mjs";

export const title = "pandas: Styler";
export const packages = ["pandas", "jinja2"];

/** The text of the cells with the style's ground. */
const highlighted = (page) =>
  page.$$eval("stage-door td", (cells) =>
    cells
      .filter((cell) => getComputedStyle(cell).backgroundColor === "rgb(255, 213, 79)")
      .map((cell) => cell.innerText),
  );

export const shows = async (page) => `${await highlighted(page)}` === "3" && (await text(page)).includes("Scores");
export const act = (page) => page.select("stage-door select", "two");
export const changes = async (page) => `${await highlighted(page)}` === "3.5";
