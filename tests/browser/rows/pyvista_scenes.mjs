import { press } from "../drive/see.mjs";

export const title = "PyVista: static and HTML";
export const packages = ["pyvista[jupyter]"];
export const heavy = true;

const pictures = (page) =>
  page.$$eval(
    "stage-door img",
    (images) => images.filter((image) => image.complete && image.naturalWidth === 300).length,
  );
const viewers = (page) =>
  Promise.all(
    page
      .frames()
      .slice(1)
      .map((frame) => frame.$$eval("canvas", (all) => all.length)),
  );

export const shows = async (page) => (await pictures(page)) === 1 && `${await viewers(page)}` === "1";
export const act = (page) => press(page, "Blue");
export const changes = async (page) => (await pictures(page)) === 2;
