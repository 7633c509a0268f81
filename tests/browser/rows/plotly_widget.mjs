import { drag } from "../drive/hand.mjs";
import { count, text } from "../drive/see.mjs";

export const title = "Plotly's FigureWidget";
export const packages = ["plotly", "anywidget"];
export const embedded = true;

export const shows = async (page) => (await count(page, ".scatterlayer .point")) === 4;
export async function act(page) {
  const point = await (await page.$$("stage-door .scatterlayer .point"))[1].boundingBox();
  const [x, y] = [point.x + point.width / 2, point.y + point.height / 2];
  await page.mouse.move(x - 4, y - 4);
  await page.mouse.move(x, y, { steps: 4 });
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelector("stage-door").innerText.includes("clicked [1]"));
  await drag(page, ".nsewdrag", [0.2, 0.2], [0.6, 0.7]);
}
export const changes = async (page) => /point 1[^]*clicked \[1\][^]*zoomed/.test(await text(page));
