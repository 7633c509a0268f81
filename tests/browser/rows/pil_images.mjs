import { source } from "../drive/see.mjs";

export const title = "PIL";
export const packages = ["pillow"];

let before;

export const shows = async (page) => !!(before = await source(page));
export const act = (page) => page.select("stage-door select", "green");
export const changes = async (page) => !["", before].includes(await source(page));
