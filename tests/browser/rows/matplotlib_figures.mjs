import { slide, picture, source } from "../drive/see.mjs";

export const title = "matplotlib, inline";
export const packages = ["matplotlib"];
export const core = true;
export const embedded = true;

let before;

export const shows = async (page) => (await picture(page))[0] > 200;

export async function act(page) {
  before = await source(page);
  await slide(page, 1);
}

export const changes = async (page) => !["", before].includes(await source(page));
