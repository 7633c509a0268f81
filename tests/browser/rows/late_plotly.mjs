import { count, press, visible } from "../drive/see.mjs";

export const title = "Plotly first imported in a callback";
export const packages = ["plotly", "ipywidgets"];
/** The import takes its time. */
export const heavy = true;

const POINT = ".scatterlayer .point";

export const shows = async (page) => (await visible(page, ".widget-button")) && (await count(page, POINT)) === 0;
export const act = (page) => press(page, "Figure");
export const changes = async (page) => (await count(page, POINT)) === 3;
