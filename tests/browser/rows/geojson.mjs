import { count, press, visible } from "../drive/see.mjs";

export const title = "GeoJSON";
export const packages = [];

const drawn = async (page, points) =>
  (await visible(page, "svg.stagedoor-map")) &&
  (await count(page, "svg.stagedoor-map circle")) === points &&
  (await count(page, "svg.stagedoor-map path")) === 1;

export const shows = (page) => drawn(page, 2);
export const act = (page) => press(page, "Paris");
export const changes = (page) => drawn(page, 3);
