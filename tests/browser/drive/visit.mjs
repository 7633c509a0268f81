// One visit to the page of a row: what is seen without a kernel, then what an interaction changes.

/** Milliseconds that what a row waits for may take; a stock kernel runs the whole app first. */
const PATIENCE = 40_000;
const STEP = 50;

/**
 * @param request `url`: the page's; `row`: the name of its row; `shot`: a file for a picture of the page, if one is wanted
 * @returns `recorded`, `live`: whether what had to be seen was seen; `problem`: why not, in a sentence; `kilobytes`: what came until
 *   the recording was shown; `elsewhere`: addresses asked for that are not the page's or the gateway's
 */
export async function visit(browser, { url, row, gateway, shot }) {
  const script = await import(`../rows/${row}.mjs`);
  const patience = script.heavy ? 3 * PATIENCE : PATIENCE;
  const { shows, act, changes = shows, live = false, elsewhere = /^$/, tolerates = /^$/ } = script;
  const seen = { recorded: false, live: false, problem: "", kilobytes: 0, elsewhere: [] };
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const complaints = await listen(page, (asked) => {
    const foreign = /^(https?|wss?):/.test(asked) && ![url, gateway].some((home) => sameHost(asked, home));
    if (foreign && !elsewhere.test(asked)) seen.elsewhere.push(asked);
  });
  try {
    await page.setViewport({ width: 1000, height: 1200 });
    await page.goto(url);
    await until(
      live ? "it opens its session and shows it" : "the recording shows it",
      async () => (await state(page)) === (live ? "live" : "recorded") && (await shows(page)),
      patience,
    );
    seen.kilobytes = await loaded(page);
    if (shot) await page.screenshot({ path: shot, fullPage: true });
    await heard(page, complaints, tolerates);
    seen.recorded = true;
    if (act) {
      await act(page);
      await until("the interaction changes it", () => changes(page), patience);
    }
    if (!["live", "busy"].includes(await state(page))) {
      await page.$eval("stage-door", (door) => door.setAttribute("live", "load"));
      await until("it is live", async () => (await state(page)) === "live", patience);
      await until("it shows in a live page", () => shows(page), patience);
    }
    await heard(page, complaints, tolerates);
    seen.live = true;
  } catch (error) {
    const errors = await page
      .$$eval("stage-door .stagedoor-error", (all) => all.map((one) => one.innerText))
      .catch(() => []);
    const where = await state(page).catch(() => "?");
    seen.problem = [`${error.message} (state: ${where})`, ...complaints, ...errors].join("\n");
    if (shot) await page.screenshot({ path: shot.replace(/\.png$/, ".failed.png"), fullPage: true }).catch(() => {});
  } finally {
    await context.close();
  }
  return seen;
}

/** What goes wrong in the page, as sentences. */
async function listen(page, asks) {
  const complaints = [];
  page.on("request", (request) => asks(request.url()));
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error instanceof Error ? error.message : error}`));
  await page.evaluateOnNewDocument(() => {
    window.doorErrors = [];
    addEventListener("stagedoor-error", ({ detail }) => window.doorErrors.push(`${detail.code}: ${detail.message}`));
  });
  return complaints;
}

async function heard(page, complaints, tolerates) {
  complaints.push(...(await page.evaluate(() => window.doorErrors)));
  const serious = complaints.filter((complaint) => !tolerates.test(complaint));
  if (serious.length) throw new Error("something went wrong in the page");
}

/** Waits for a condition; one that throws has not come true yet. */
async function until(what, condition, patience) {
  const deadline = Date.now() + patience;
  for (let reason = ""; ;) {
    try {
      if (await condition()) return;
      reason = "";
    } catch (error) {
      reason = `: ${error.message}`;
    }
    if (Date.now() > deadline) throw new Error(`not in ${patience / 1000} s: ${what}${reason}`);
    await new Promise((resolve) => setTimeout(resolve, STEP));
  }
}

function state(page) {
  return page.$eval("stage-door", (door) => door.getAttribute("state"));
}

function sameHost(address, home) {
  return new URL(address).host === new URL(home).host;
}

/** Kilobytes that came over the network, compressed as they came. */
async function loaded(page) {
  const bytes = await page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .filter(({ name }) => /^https?:/.test(name))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  );
  return Math.round(bytes / 1000);
}
