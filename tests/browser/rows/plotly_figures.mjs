import { count, slide } from "../drive/see.mjs";

export const title = "Plotly";
export const packages = ["plotly"];
export const core = true;
export const embedded = true;

export const shows = async (page) => (await count(page, ".plotly .point")) === 3;
export const act = (page) => slide(page, 2);
export const changes = async (page) => (await count(page, ".plotly .point")) === 5;
