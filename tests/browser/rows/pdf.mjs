import { visible } from "../drive/see.mjs";

export const title = "PDF";
export const packages = [];

/** The viewer's inside is the browser's own; the link leads to the same document. */
export const shows = async (page) =>
  (await visible(page, "object[type='application/pdf']")) &&
  (await page.$eval("stage-door a[href^='blob:']", async ({ href }) =>
    (await (await fetch(href)).text()).includes("A paper"),
  ));
