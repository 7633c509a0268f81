import { count } from "../drive/see.mjs";

export const title = "Vega, Vega-Lite 5 and 6";
export const packages = [];

const symbol = "stage-door .mark-symbol path";
const width = (page) => page.$eval(symbol, (mark) => mark.getBoundingClientRect().width);
let before;

export const shows = async (page) =>
  (await count(page, ".mark-rect path")) === 6 && (await count(page, ".mark-symbol path")) === 2;

/** A signal of the chart itself: no kernel is asked. */
export async function act(page) {
  before = await width(page);
  await page.click(symbol);
}

export const changes = async (page) => (await width(page)) > 2 * before;
