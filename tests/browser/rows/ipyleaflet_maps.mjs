import { text, visible } from "../drive/see.mjs";

export const title = "ipyleaflet";
export const packages = ["ipyleaflet"];
/** The tiles are the author's choice, and not the gateway's. */
export const elsewhere = /^https:\/\/[a-z.]*tile\.openstreetmap\.org\//;

export const shows = (page) => visible(page, ".leaflet-marker-icon");
export async function act(page) {
  await page.click("stage-door .leaflet-marker-icon");
  await page.click("stage-door .leaflet-control-zoom-in");
}
export const changes = async (page) => /marker at \[50, 10\][^]*zoom 6/.test(await text(page));
