import { count, slide, source } from "../drive/see.mjs";

export const title = "Graphviz, NetworkX";
export const packages = ["graphviz", "networkx", "matplotlib"];

const ring = ".widget-output img";
let before;

export const shows = async (page) =>
  (await count(page, "img")) === 2 &&
  page.$$eval("stage-door img", (images) =>
    images.every(({ complete, naturalWidth }) => complete && naturalWidth > 50),
  );

export async function act(page) {
  before = await source(page, ring);
  await slide(page, 1);
}

export const changes = async (page) => !["", before].includes(await source(page, ring));
