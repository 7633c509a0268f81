import { press, text } from "../drive/see.mjs";

export const title = "Javascript, HTML with scripts";
export const packages = [];
export const core = true;
export const embedded = true;

const says = (target) => async (page) => {
  const [found, module] = await page.$eval("stage-door #target", (p) => [p.textContent, p.dataset.module]);
  return found === target && module === "ran" && (await text(page)).includes("made by a script");
};

export const shows = says("touched");
export const act = (page) => press(page, "Touch");
export const changes = says("touched again");
