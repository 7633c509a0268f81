import { hues } from "../drive/hand.mjs";
import { text } from "../drive/see.mjs";

export const title = "ipydatagrid";
export const packages = ["ipydatagrid"];

const GRID = ".lm-DataGrid";

export const shows = async (page) => (await hues(page, GRID)) > 3;
export const act = async (page) => (await page.$(`stage-door ${GRID}`)).click({ offset: { x: 100, y: 50 } });
export const changes = async (page) => (await text(page)).includes("cell 1 name Bob");
