import { slide, text } from "../drive/see.mjs";

export const title = "rich";
export const packages = ["rich"];

const warm = (page) =>
  page.$$eval("stage-door span", (spans) =>
    spans.some((span) => span.textContent === "warm" && getComputedStyle(span).fontWeight === "700"),
  );

export const shows = async (page) => (await text(page)).includes("star 0") && warm(page);
export const act = (page) => slide(page, 2);
export const changes = async (page) => (await text(page)).includes("star 2") && warm(page);
