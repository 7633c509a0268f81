import { press, text } from "../drive/see.mjs";

export const title = "display_id, from another cell and from callbacks";
export const packages = [];
export const core = true;

const says =
  (...words) =>
  async (page) => {
    const said = await text(page);
    return words.every((word) => said.includes(word)) && !said.includes("before");
  };

export const shows = says("from another cell", "count 0");
export const act = async (page) => {
  await press(page, "Count");
  await press(page, "Count");
};
export const changes = says("from callback 2", "count 2");
