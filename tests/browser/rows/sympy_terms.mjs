import { count, slide } from "../drive/see.mjs";

export const title = "SymPy";
export const packages = ["sympy"];

const last = (page) => page.$$eval("stage-door math", (all) => all.at(-1).textContent.replaceAll(/\s/g, ""));

export const shows = async (page) => (await count(page, "math")) === 3 && (await last(page)) === "x2+2x+1";
export const act = (page) => slide(page, 1);
export const changes = async (page) => (await last(page)) === "x3+3x2+3x+1";
