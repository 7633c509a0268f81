// What a visitor's hand does, and what their eye sees of a picture that is drawn by WebGL.

/** Drags from one place to another of an element; places are shares of its width and height. */
export async function drag(page, selector, from, to) {
  const element = await page.waitForSelector(`stage-door ${selector}`);
  await element.scrollIntoView();
  const { x, y, width, height } = await element.boundingBox();
  const at = ([across, down]) => [x + across * width, y + down * height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 8 });
  await page.mouse.up();
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
