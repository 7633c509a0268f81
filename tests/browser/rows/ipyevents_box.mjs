import { text } from "../drive/see.mjs";

export const title = "ipyevents";
export const packages = ["ipyevents"];

export const shows = async (page) => (await text(page)).includes("click here");
export const act = (page) => page.click("stage-door .widget-label");
export const changes = async (page) => (await text(page)).trim() === "click";
