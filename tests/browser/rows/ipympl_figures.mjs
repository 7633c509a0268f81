import { drag, hues } from "../drive/hand.mjs";
import { count, text } from "../drive/see.mjs";

export const title = "ipympl (`%matplotlib widget`)";
export const packages = ["ipympl"];

const BUTTON = ".jupyter-matplotlib-button";
const CANVAS = ".jupyter-matplotlib-canvas-div canvas";

export const shows = async (page) => (await hues(page, CANVAS)) > 2;
const does = (page, sentence) =>
  page.waitForFunction((sentence) => document.querySelector("stage-door").innerText.includes(sentence), {}, sentence);

async function choose(page, tool) {
  const button = await page.waitForSelector(`stage-door ${BUTTON}[title*='${tool}' i]`, { visible: true });
  await button.click();
}

export async function act(page) {
  await page.hover(`stage-door ${CANVAS}`);
  await choose(page, "pan");
  await drag(page, CANVAS, [0.4, 0.5], [0.7, 0.5]);
  await does(page, "moved");
  await choose(page, "rectangle");
  await drag(page, CANVAS, [0.4, 0.4], [0.6, 0.7]);
}
export const changes = async (page) =>
  /pressed in the axes: True[^]*moved[^]*zoomed/.test(await text(page)) &&
  (await hues(page, CANVAS)) > 2 &&
  (await count(page, `${BUTTON} svg`)) === (await count(page, BUTTON));
