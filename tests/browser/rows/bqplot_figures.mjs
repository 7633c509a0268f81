import { text } from "../drive/see.mjs";

export const title = "bqplot";
export const packages = ["bqplot"];

const BARS = ".bqplot rect.bar, .bqplot .bar rect";
const heights = (page) =>
  page.$$eval(`stage-door :is(${BARS})`, (bars) => bars.map((bar) => Number(bar.getAttribute("height"))));

export const shows = async (page) =>
  (await heights(page)).length === 6 && (await heights(page))[5] > (await heights(page))[1];
export const act = async (page) => (await page.$$(`stage-door :is(${BARS})`))[3].click();
export const changes = async (page) =>
  (await text(page)).includes("bar 3") && (await heights(page))[1] > (await heights(page))[5];
