import { count, press } from "../drive/see.mjs";

export const title = "Plotly, by jupyterlab-plotly";
export const packages = ["plotly"];

const bars = (page) => count(page, ".stagedoor-renderer .bars .point");

export const shows = async (page) => (await bars(page)) === 3;
export const act = (page) => press(page, "More");
// The environment has Plotly, and with the first figure of a callback the page gets its plotly.js.
export const changes = async (page) => (await count(page, ".bars .point")) === 4;
