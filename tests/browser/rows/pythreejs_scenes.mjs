import { drag, hues } from "../drive/hand.mjs";
import { text } from "../drive/see.mjs";

export const title = "pythreejs";
export const packages = ["pythreejs"];
export const heavy = true;

export const shows = async (page) => (await hues(page, "canvas")) > 2;
export const act = (page) => drag(page, "canvas", [0.5, 0.5], [0.7, 0.6]);
export const changes = async (page) => /picked/.test(await text(page)) && /camera moved/.test(await text(page));
