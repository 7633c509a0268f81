import { count, slide } from "../drive/see.mjs";

export const title = "Plotly: updated by display_id";
export const packages = ["plotly"];

export const shows = async (page) => (await count(page, ".plotly .point")) === 3;

export const act = (page) => slide(page, 2);
export const changes = async (page) => (await count(page, ".plotly .point")) === 5;
