import { drag } from "../drive/hand.mjs";
import { text, visible } from "../drive/see.mjs";

export const title = "Altair's JupyterChart";
export const packages = ["altair", "anywidget", "pandas"];
export const heavy = true;

const CHART = ".vega-embed :is(svg, canvas).marks";

export const shows = (page) => visible(page, CHART);
export const act = (page) => drag(page, CHART, [0.3, 0.4], [0.7, 0.6]);
export const changes = async (page) => (await text(page)).includes("brushed ['a']");
