import { slide } from "../drive/see.mjs";

export const title = "Bokeh";
export const packages = ["bokeh"];

/** Bokeh's views are in shadow roots, one in another. */
export const drawn = (page) =>
  page.evaluate(() => {
    const find = (root) => [
      ...root.querySelectorAll("svg text, text"),
      ...[...root.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => find(e.shadowRoot)),
    ];
    return find(document.querySelector("stage-door")).map((text) => text.textContent);
  });

export const shows = async (page) => (await drawn(page)).includes("3 bars");
export const act = (page) => slide(page, 2);
export const changes = async (page) => (await drawn(page)).includes("5 bars");
