import { text, visible } from "../drive/see.mjs";

export const title = "ipyvuetify";
export const packages = ["ipyvuetify"];

export const shows = async (page) => (await visible(page, ".v-btn")) && (await text(page)).includes("Hello you");
export const act = (page) => page.click("stage-door .v-btn");
export const changes = async (page) => /Hello Python[^]*pressed/.test(await text(page));
