import { colours, press } from "../drive/see.mjs";

export const title = "Vega-Lite 2, by jupyterlab-vega3";
export const packages = ["jupyterlab-vega3"];

const width = (page) => page.$eval("stage-door canvas", (canvas) => canvas.width);
let before;

export const shows = async (page) => (await colours(page)) > 3;

export async function act(page) {
  before = await width(page);
  await press(page, "More");
}

export const changes = async (page) => (await shows(page)) && (await width(page)) > before;
