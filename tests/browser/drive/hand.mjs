// What a visitor's hand does, and what their eye sees of a picture that is drawn by WebGL.

const STEPS = 8;
const FRAMES_A_STEP = 3;

/** Drags from one place to another of an element, as slowly as a hand does; places are shares of its width and height. */
export async function drag(page, selector, from, to) {
  const element = await page.waitForSelector(`stage-door ${selector}`);
  await element.scrollIntoView();
  const { x, y, width, height } = await element.boundingBox();
  const at = ([across, down]) => [x + across * width, y + down * height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  for (let step = 1; step <= STEPS; step++) {
    await page.mouse.move(...at(from.map((start, axis) => start + ((to[axis] - start) * step) / STEPS)));
    await frames(page, FRAMES_A_STEP);
  }
  await page.mouse.up();
}

/** Waits until the page has drawn so many frames: what listens to a moving mouse listens now and then only. */
function frames(page, count) {
  return page.evaluate(async (left) => {
    while (left--) await new Promise(requestAnimationFrame);
  }, count);
}

/** How many colours are seen at an element. */
export async function hues(page, selector) {
  const picture = await (await page.waitForSelector(`stage-door ${selector}`)).screenshot({ encoding: "base64" });
  return page.evaluate(async (data) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const copy = new OffscreenCanvas(64, 64).getContext("2d");
    copy.drawImage(image, 0, 0, 64, 64);
    return new Set(new Uint32Array(copy.getImageData(0, 0, 64, 64).data.buffer)).size;
  }, picture);
}
