import { press } from "../drive/see.mjs";

export const title = "FileLink: a file for the visitor";
export const packages = [];

const files = (page) =>
  page.$$eval("stage-door a[download='report.csv']", (links) =>
    Promise.all(links.map(async ({ href }) => (await fetch(href)).text())),
  );

export const shows = async (page) => `${await files(page)}` === "year,ppm\n1958,315.7\n";
export const act = (page) => press(page, "Newer");
export const changes = async (page) => (await files(page))[1] === "year,ppm\n2024,424.6\n";
