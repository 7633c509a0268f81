import { drag } from "../drive/hand.mjs";
import { count, text } from "../drive/see.mjs";

export const title = "Plotly's FigureWidget";
export const packages = ["plotly", "anywidget"];
export const embedded = true;

export const shows = async (page) => (await count(page, ".scatterlayer .point")) === 4;
async function click(page) {
  const point = await (await page.$$("stage-door .scatterlayer .point"))[1].boundingBox();
  const [x, y] = [point.x + point.width / 2, point.y + point.height / 2];
  await page.mouse.move(x - 4, y - 4);
  await page.mouse.move(x, y, { steps: 4 });
  await page.mouse.down();
  await page.mouse.up();
}

/** A figure that is drawn anew since a fresh run has given its traces other ids may miss the first click. */
export async function act(page) {
  const heard = () => document.querySelector("stage-door").innerText.includes("clicked [1]");
  for (let tries = 0; tries < 4 && !(await page.evaluate(heard)); tries++) {
    await click(page);
    await page.waitForFunction(heard, { timeout: 10_000 }).catch(() => {});
  }
  await drag(page, ".nsewdrag", [0.2, 0.2], [0.6, 0.7]);
}
export const changes = async (page) => /point 1[^]*clicked \[1\][^]*zoomed/.test(await text(page));
