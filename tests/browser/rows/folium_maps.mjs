import { press } from "../drive/see.mjs";

export const title = "folium (without its tiles)";
export const packages = ["folium"];

/** Tiles are pictures of the world: they come from a server of maps. */
export const elsewhere = /^https:\/\/[a-z.]*tile\.openstreetmap\.org\//;

const markers = (page) =>
  Promise.all(
    page
      .frames()
      .slice(1)
      .map((frame) => frame.$$eval(".leaflet-marker-icon", (icons) => icons.length)),
  );

export const shows = async (page) => `${await markers(page)}` === "1";
export const act = (page) => press(page, "More");
export const changes = async (page) => `${await markers(page)}` === "1,2";
