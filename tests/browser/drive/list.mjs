// Tells what rows there are, as JSON: a row is NAME.py, an app, and NAME.mjs, what its visitor has to see.
//
//   node list.mjs              the rows
//   node list.mjs --packages   the Python packages that they need, one a line
import { readdir } from "node:fs/promises";

const files = (await readdir(new URL("../rows/", import.meta.url))).filter((name) => name.endsWith(".mjs")).sort();
const rows = await Promise.all(
  files.map(async (file) => {
    const {
      title,
      packages,
      core = false,
      heavy = false,
      embedded = false,
      live = false,
    } = await import(`../rows/${file}`);
    const name = file.slice(0, -".mjs".length);
    return { name, title: title ?? name, packages, core, heavy, embedded, live };
  }),
);
if (process.argv[2] === "--packages")
  console.log([...new Set(rows.flatMap(({ packages }) => packages))].sort().join("\n"));
else console.log(JSON.stringify(rows));
