import { count, slide, text, visible } from "../drive/see.mjs";

export const title = "scikit-learn, xarray, polars, great_tables";
export const packages = ["scikit-learn", "xarray", "polars", "great_tables"];

const rows = (page) => count(page, ".widget-output table.dataframe tbody tr");

export const shows = async (page) => {
  const said = await text(page);
  const there = ["StandardScaler", "Ridge", "grid", "Cities", "Rome"].every((word) => said.includes(word));
  return there && (await visible(page, ".gt_table")) && (await visible(page, ".xr-wrap")) && (await rows(page)) === 1;
};
export const act = (page) => slide(page, 1);
export const changes = async (page) => (await rows(page)) === 2;
