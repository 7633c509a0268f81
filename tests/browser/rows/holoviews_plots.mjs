import { press } from "../drive/see.mjs";
import { drawn } from "./bokeh_plots.mjs";

export const title = "HoloViews, by Bokeh";
export const packages = ["holoviews", "bokeh"];

export const shows = async (page) => (await drawn(page)).includes("three points");
export const act = (page) => press(page, "Again");
export const changes = async (page) => (await drawn(page)).includes("four points");
