import { text } from "../drive/see.mjs";

export const title = "ipycanvas";
export const packages = ["ipycanvas"];

const pixel = (page) =>
  page.$eval("stage-door canvas", (canvas) => [...canvas.getContext("2d").getImageData(100, 75, 1, 1).data].join());

export const shows = async (page) => (await pixel(page)) === "0,128,128,255";
export const act = async (page) => (await page.$("stage-door canvas")).click({ offset: { x: 100, y: 75 } });
export const changes = async (page) =>
  (await pixel(page)) === "255,165,0,255" && /down at \d+ \d+/.test(await text(page));
