import { press } from "../drive/see.mjs";

export const title = "Image, SVG, Audio, Video, IFrame, and their widgets";
export const packages = ["ipywidgets", "numpy"];
export const core = true;

const widget = "stage-door img.widget-image";
let before;

export const shows = (page) =>
  page.$eval("stage-door", (door) => {
    const pictures = [...door.querySelectorAll("img")];
    const sounds = [...door.querySelectorAll("audio")];
    const films = [...door.querySelectorAll("video")];
    return (
      pictures.length === 3 &&
      pictures.every((picture) => picture.complete && picture.naturalWidth === 60) &&
      pictures[0].alt === "a red picture" &&
      sounds.length === 2 &&
      sounds.every((sound) => sound.duration === 1) &&
      films.length === 2 &&
      films.every((film) => film.videoWidth === 60 && film.duration === 1) &&
      door.querySelector("iframe").offsetHeight === 60
    );
  });

export async function act(page) {
  before = await page.$eval(widget, (image) => image.src);
  await press(page, "Blue");
}

export const changes = (page) =>
  page.$eval(widget, (image, old) => image.src !== old && image.complete && image.naturalWidth === 60, before);
