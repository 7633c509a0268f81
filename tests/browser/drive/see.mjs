// What a visitor sees, for the predicates of rows.

/** The text in the element. */
export function text(page) {
  return page.$eval("stage-door", (door) => door.innerText);
}

/** Whether there is something at this selector that has a place on the page. */
export function visible(page, selector) {
  return page.$$eval(`stage-door ${selector}`, (found) =>
    found.some(
      (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 0,
    ),
  );
}

/** How many elements there are at this selector. */
export function count(page, selector) {
  return page.$$eval(`stage-door ${selector}`, (found) => found.length);
}

/** Width and height of the picture, 0 while it is not drawn. */
export function picture(page, selector = "img") {
  return page.$eval(`stage-door ${selector}`, ({ complete, naturalWidth, naturalHeight }) =>
    complete ? [naturalWidth, naturalHeight] : [0, 0],
  );
}

/** What the picture shows, to be compared. */
export function source(page, selector = "img") {
  return page.$eval(`stage-door ${selector}`, (image) => (image.complete && image.naturalWidth ? image.src : ""));
}

/** How many colours the canvas, drawn by 2D or WebGL, has: one or none when nothing is drawn on it. */
export function colours(page, selector = "canvas") {
  return page.$eval(
    `stage-door ${selector}`,
    (canvas) =>
      new Promise((resolve) =>
        requestAnimationFrame(() => {
          const copy = new OffscreenCanvas(64, 64).getContext("2d");
          copy.drawImage(canvas, 0, 0, 64, 64);
          resolve(new Set(new Uint32Array(copy.getImageData(0, 0, 64, 64).data.buffer)).size);
        }),
      ),
  );
}

/** Moves the (first) slider of ipywidgets by so many steps, by keyboard. */
export async function slide(page, steps, selector = ".noUi-handle") {
  const handle = await page.waitForSelector(`stage-door ${selector}`);
  await handle.focus();
  for (let i = 0; i < Math.abs(steps); i++) await page.keyboard.press(steps > 0 ? "ArrowRight" : "ArrowLeft");
}

/** Clicks the button of this name. */
export async function press(page, name) {
  for (const button of await page.$$("stage-door button")) {
    if ((await button.evaluate((element) => element.innerText.trim())) === name) return button.click();
  }
  throw new Error(`there is no button ${name}`);
}
