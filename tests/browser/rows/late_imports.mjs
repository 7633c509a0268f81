import { press, text, visible } from "../drive/see.mjs";

export const title = "A widget first imported in a callback (ipyleaflet)";
export const packages = ["ipyleaflet", "ipywidgets"];

const MARKER = ".leaflet-marker-icon";

export const shows = async (page) => (await visible(page, ".widget-button")) && !(await visible(page, MARKER));
export async function act(page) {
  await press(page, "Map");
  await page.waitForSelector(`stage-door ${MARKER}`, { visible: true });
  await page.click(`stage-door ${MARKER}`);
}
export const changes = async (page) =>
  (await visible(page, MARKER)) && (await text(page)).includes("marker at [50, 10]");
