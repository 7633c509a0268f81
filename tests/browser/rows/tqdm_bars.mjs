import { press, text, visible } from "../drive/see.mjs";

export const title = "tqdm, tqdm.notebook";
export const packages = ["tqdm", "ipywidgets"];

export const shows = async (page) => {
  const said = await text(page);
  return (
    /First:\s*100%/.test(said) && said.includes("3/3") && said.includes("4/4") && visible(page, ".widget-hprogress")
  );
};
export const act = (page) => press(page, "Again");
export const changes = async (page) => /Second:\s*100%[^]*5\/5/.test(await text(page));
