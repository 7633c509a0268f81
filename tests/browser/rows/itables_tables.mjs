import { text } from "../drive/see.mjs";

export const title = "itables";
export const packages = ["itables", "anywidget", "pandas"];

export const shows = async (page) => /Oslo[^]*Rome[^]*Lima/.test(await text(page));
export async function act(page) {
  const rome = await page.waitForSelector("stage-door ::-p-xpath(.//td[normalize-space()='Rome'])");
  await rome.click();
}
export const changes = async (page) => (await text(page)).includes("selected [1]");
