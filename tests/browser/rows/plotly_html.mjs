import { count, press } from "../drive/see.mjs";

export const title = "Plotly: notebook, notebook_connected";
export const packages = ["plotly"];

export const shows = async (page) => (await count(page, ".plotly .point")) === 6;
export const act = (page) => press(page, "Again");
export const changes = async (page) => (await count(page, ".plotly .point")) === 9;
