import { count, slide, text } from "../drive/see.mjs";

export const title = "pandas: DataFrame";
export const packages = ["pandas"];
export const core = true;

export const shows = async (page) => (await count(page, "table.dataframe tbody tr")) === 4;
export const act = (page) => slide(page, 2);
export const changes = async (page) => {
  return (await count(page, "table.dataframe tbody tr")) === 1 && (await text(page)).includes("Mars");
};
