import { press, slide, text, visible } from "../drive/see.mjs";

export const title = "ipywidgets, core";
export const packages = ["ipywidgets"];
export const core = true;
export const embedded = true;

export const shows = (page) => visible(page, ".jupyter-button");

export async function act(page) {
  await slide(page, 1);
  await press(page, "Ring");
}

export const changes = async (page) => (await text(page)).includes("ding ding ding ding");
