import { drag, hues } from "../drive/hand.mjs";
import { count, text } from "../drive/see.mjs";

export const title = "ipympl (`%matplotlib widget`)";
export const packages = ["ipympl"];

const BUTTON = ".jupyter-matplotlib-button";
const CANVAS = ".jupyter-matplotlib-canvas-div canvas";

export const shows = async (page) => (await hues(page, CANVAS)) > 2;
export async function act(page) {
  await page.hover(`stage-door ${CANVAS}`);
  const pan = await page.waitForSelector(`stage-door ${BUTTON}[title*='pan' i]`, { visible: true });
  await pan.click();
  await drag(page, CANVAS, [0.4, 0.5], [0.7, 0.5]);
}
export const changes = async (page) =>
  /pressed in the axes: True[^]*range moved/.test(await text(page)) &&
  (await hues(page, CANVAS)) > 2 &&
  (await count(page, `${BUTTON} svg`)) === (await count(page, BUTTON));
