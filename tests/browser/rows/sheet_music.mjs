import { colours } from "../drive/see.mjs";

export const title = "MusicXML, by jupyterlab-osmd";
export const packages = ["jupyterlab-osmd"];

export const shows = async (page) => (await colours(page)) > 3;
