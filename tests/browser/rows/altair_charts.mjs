import { slide } from "../drive/see.mjs";

export const title = "Altair (Vega-Lite)";
export const packages = ["altair", "pandas"];

/** Canvas or SVG: the chart's own description of its marks tells how many there are. */
const bars = (page) => page.$$eval("stage-door .mark-rect [aria-roledescription='bar']", (marks) => marks.length);

export const shows = async (page) => (await bars(page)) === 8;
export const act = (page) => slide(page, 2);
export const changes = async (page) => (await bars(page)) === 5;
