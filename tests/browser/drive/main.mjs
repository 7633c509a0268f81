// Drives one browser for the tests of what pages show. Reads a request a line (JSON) from stdin, answers each with a line (JSON).
//
//   node main.mjs chromium|firefox EXECUTABLE
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { visit } from "./visit.mjs";

const { launch } = createRequire(new URL("../../../client/package.json", import.meta.url))("puppeteer-core");

/** What keeps a browser from asking its maker for anything. */
const CHROMIUM = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  "--enable-unsafe-swiftshader",
];
const FIREFOX = {
  "browser.search.update": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
};

const [name, executablePath] = process.argv.slice(2);
const firefox = name === "firefox";
const display = process.env.STAGEDOOR_TEST_DISPLAY;
const browser = await launch({
  browser: firefox ? "firefox" : "chrome",
  executablePath,
  headless: !display,
  env: display ? { ...process.env, DISPLAY: display } : process.env,
  args: firefox ? [] : CHROMIUM,
  ...(firefox ? { extraPrefsFirefox: FIREFOX } : {}),
});

// What a predicate was asking the page when it was given up is answered by nobody.
process.on("unhandledRejection", () => {});

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
answer({ version: (await browser.version()).replace(/^\D*/, "") });
for await (const line of createInterface({ input: process.stdin })) answer(await visit(browser, JSON.parse(line)));
await browser.close();
