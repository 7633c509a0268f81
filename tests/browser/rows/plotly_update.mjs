import { count, slide } from "../drive/see.mjs";

export const title = "Plotly: updated by display_id";
export const packages = ["plotly"];

export const shows = async (page) => (await count(page, ".plotly .point")) === 3;

export async function act(page) {
  await page.$eval("stage-door .plotly-graph-div", (chart) => (chart.dataset.first = "yes"));
  await slide(page, 2);
}

/** The same chart has new bars. */
export const changes = async (page) => (await count(page, "[data-first='yes'] .plotly .point")) === 5;
