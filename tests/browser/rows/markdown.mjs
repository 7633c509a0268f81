import { count, press, text } from "../drive/see.mjs";

export const title = "Markdown: table, code, mathematics";
export const packages = [];
export const core = true;

async function whole(page, heading) {
  const said = await text(page);
  const parts = ["h2", "table td", "pre code", "math"].map((selector) => count(page, selector));
  return said.includes(heading) && said.includes("$5 or $6") && `${await Promise.all(parts)}` === "1,2,1,2";
}

export const shows = (page) => whole(page, "Title 1");
export const act = (page) => press(page, "Next");
export const changes = (page) => whole(page, "Title 2");
