import { count, press } from "../drive/see.mjs";

export const title = "Plotly, by jupyterlab-plotly";
export const packages = ["plotly"];

const bars = (page) => count(page, ".stagedoor-renderer .bars .point");

export const shows = async (page) => (await bars(page)) === 3;
export const act = (page) => press(page, "More");
export const changes = async (page) => (await bars(page)) === 4;
