// Builds the browser code into ../src/stagedoor/web/static: `stagedoor.js`, and beside it `assets/` with all that is loaded
// when it is needed. Names in `assets/` hold a hash of the content, so they may be cached for ever.
//
//   node build.mjs [--watch] [--out DIR]
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, gzip, gzipSync } from "node:zlib";
import { build, context, transform } from "esbuild";
import { alias, wholeWidgets } from "./alias.mjs";
import { iconShelves } from "./icons.mjs";

const here = import.meta.dirname;
const { values: flags } = parseArgs({ options: { watch: { type: "boolean" }, out: { type: "string" } } });
const outdir = path.resolve(here, flags.out ?? "../src/stagedoor/web/static");

/** What a visitor's browser loads for a page, in bytes of gzip, chunks imported statically included. */
const budgets = [
  { what: "stagedoor.js, before any widget", entries: ["src/stage-door.ts"], limit: 25_000 },
  { what: "a page with core widgets", entries: ["src/stage-door.ts", "src/widgets/index.ts"], limit: 220_000 },
];

const files = {
  ".woff2": "file",
  ".woff": "file",
  ".ttf": "empty",
  ".eot": "empty",
  ".png": "file",
  ".svg": "dataurl",
};

/** A style sheet is a text for `stage.style`. Its files are found at the gateway's root, which `stage.style` fills in. */
const styleSheets = {
  name: "style-sheets",
  setup(host) {
    host.onLoad({ filter: /\.css$/ }, async ({ path: file }) => {
      const result = await build({
        entryPoints: [file],
        outdir,
        bundle: true,
        minify: true,
        write: false,
        metafile: true,
        target: options.target,
        loader: files,
        assetNames: options.assetNames,
        publicPath: "stagedoor:/",
        logLevel: "silent",
      });
      const sheet = result.outputFiles.find((output) => output.path.endsWith(".css"));
      extraFiles.set(
        file,
        result.outputFiles.filter((output) => output !== sheet),
      );
      const watchFiles = Object.keys(result.metafile.inputs).map((input) => path.resolve(input));
      return { contents: sheet.text.trim(), loader: "text", watchFiles };
    });
  },
};
const extraFiles = new Map();

/** A classic script, as a text to be run where its globals are wanted. */
const classicScripts = {
  name: "classic-scripts",
  setup(host) {
    host.onLoad({ filter: /requirejs[\\/]require\.js$/ }, async ({ path: file }) => {
      const { code } = await transform(await readFile(file, "utf8"), { minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** `file:PACKAGE/FILE`: a file of a package, served as it is. */
const packageFiles = {
  name: "package-files",
  setup(host) {
    host.onResolve({ filter: /^file:/ }, ({ path: file }) => ({
      path: path.join(here, "node_modules", file.slice("file:".length)),
      pluginData: "as it is",
    }));
    host.onLoad({ filter: /./, namespace: "file" }, async ({ path: file, pluginData }) =>
      pluginData === "as it is" ? { contents: await readFile(file), loader: "file" } : undefined,
    );
  },
};

const finish = {
  name: "finish",
  setup(host) {
    host.onEnd(async (result) => {
      if (result.errors.length) return;
      const outputs = [...withFewerWaits(result), ...[...extraFiles.values()].flat()];
      await write(outputs);
      await writeFile(path.join(outdir, "licenses.txt"), await licenses(result.metafile));
      await writeFile(path.join(outdir, "chunks.json"), JSON.stringify(early(result.metafile)));
      const fits = report(outputs, result.metafile);
      if (!fits && !flags.watch) process.exitCode = 1;
    });
  },
};

const options = {
  absWorkingDir: here,
  entryPoints: { stagedoor: "src/stage-door.ts" },
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16.4"],
  minify: true,
  write: false,
  metafile: true,
  legalComments: "none",
  entryNames: "[name]",
  chunkNames: "assets/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  loader: files,
  alias,
  plugins: [wholeWidgets, styleSheets, packageFiles, classicScripts, iconShelves, finish],
  logLevel: "warning",
};

/** Spares round trips: chunks are not asked for when nothing of them is used, nor only when the one that needs them has come. */
function withFewerWaits({ outputFiles, metafile }) {
  const chunks = byName(metafile);
  const statement = (name) => new RegExp(`import"[^"]*${path.basename(name)}";`, "g");
  const dynamic = (name) => new RegExp(`import\\("([^"]*)${path.basename(name)}"\\)`, "g");
  const runtimes = [...chunks.keys()].filter((name) => !Object.keys(chunks.get(name).inputs).length); // esbuild's own functions
  const codes = new Map(
    outputFiles.filter(({ path: file }) => chunks.has(relative(file))).map((file) => [file, file.text]),
  );
  for (const [file, code] of codes) {
    const shorter = runtimes.reduce((text, name) => text.replaceAll(statement(name), ""), code);
    if (shorter === code) continue;
    codes.set(file, shorter);
    const chunk = chunks.get(relative(file.path));
    chunk.imports = chunk.imports.filter((imported) => !runtimes.includes(relative(imported.path)));
  }
  for (const name of chunks.keys()) {
    const needed = [...withStaticImports([name], chunks)].slice(1);
    if (!needed.length) continue;
    const early = needed.map((other) => `import("$1${path.basename(other)}").catch(()=>{}),`).join("");
    for (const [file, code] of codes) codes.set(file, code.replaceAll(dynamic(name), `(${early}$&)`));
  }
  return outputFiles.map((file) => ({ path: file.path, contents: Buffer.from(codes.get(file) ?? file.contents) }));
}

/** What a page that knows that it shows widgets may ask for before `stagedoor.js` does. */
function early(metafile) {
  const chunks = byName(metafile);
  const widgets = [...chunks].filter(([, chunk]) => chunk.entryPoint === "src/widgets/index.ts").map(([name]) => name);
  return { widgets: [...withStaticImports(widgets, chunks)] };
}

/** Writes the files, and only then takes away those of earlier builds: a gateway may be serving them meanwhile. */
async function write(outputs) {
  await mkdir(path.join(outdir, "assets"), { recursive: true });
  await Promise.all(outputs.map((output) => writeFile(output.path, output.contents)));
  await Promise.all(outputs.map(compress));
  const wanted = new Set(outputs.flatMap(({ path: file }) => [file, `${file}.gz`, `${file}.br`]));
  const present = (await readdir(path.join(outdir, "assets"))).map((name) => path.join(outdir, "assets", name));
  await Promise.all(present.filter((file) => !wanted.has(file)).map((file) => rm(file, { recursive: true })));
}

/** Beside the file: as it goes over the wire, so that no start of the gateway has to do it. */
async function compress({ path: file, contents }) {
  await writeFile(`${file}.gz`, await promisify(gzip)(contents, { level: 9 }));
  await writeFile(`${file}.br`, await promisify(brotliCompress)(contents));
}

/** The licence of every package of which something is in the build. */
async function licenses(metafile) {
  const folders = new Set(
    Object.keys(metafile.inputs).flatMap((input) => input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []),
  );
  const texts = [...folders].sort().map(async (folder) => {
    const about = JSON.parse(await readFile(path.join(here, folder, "package.json"), "utf8"));
    const names = (await readdir(path.join(here, folder))).filter((name) => /^licen[cs]e/i.test(name));
    const text = names.length ? await readFile(path.join(here, folder, names[0]), "utf8") : "";
    return `${about.name} ${about.version} (${about.license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

const LISTED = 6;

/** Prints what there is and how large it is, the largest files by name; says whether it is within the budgets. */
function report(outputs, metafile) {
  const sizes = new Map(
    outputs.map(({ path: file, contents }) => [
      path.relative(outdir, file),
      { bytes: contents.length, gzip: gzipSync(contents, { level: 9 }).length },
    ]),
  );
  const row = (name, bytes, gzip) => console.log(`${name.padEnd(44)} ${bytes.padStart(9)} ${gzip.padStart(9)}`);
  row("file", "bytes", "gzip");
  const bySize = [...sizes].sort((a, b) => b[1].gzip - a[1].gzip);
  for (const [name, { bytes, gzip }] of bySize.slice(0, LISTED)) row(name, `${bytes}`, `${gzip}`);
  if (bySize.length > LISTED) console.log(`and ${bySize.length - LISTED} smaller files`);

  const chunks = byName(metafile);
  let fits = true;
  for (const { what, entries, limit } of budgets) {
    const starts = [...chunks].filter(([, chunk]) => entries.includes(chunk.entryPoint)).map(([name]) => name);
    if (starts.length < entries.length) continue;
    const gzip = [...withStaticImports(starts, chunks)].reduce((sum, name) => sum + sizes.get(name).gzip, 0);
    fits &&= gzip <= limit;
    console.log(`${gzip <= limit ? "fits" : "TOO LARGE"}: ${what}: ${gzip} of ${limit} bytes (gzip)`);
  }
  const early = [...withStaticImports(["stagedoor.js"], chunks)].slice(1);
  if (early.length) console.log(`TOO LATE: stagedoor.js waits for ${early.join(", ")} before it shows anything`);
  return fits && !early.length;
}

function withStaticImports(names, chunks, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const imports = chunks.get(name).imports.filter(({ kind, external }) => kind === "import-statement" && !external);
    withStaticImports(
      imports.map((chunk) => relative(chunk.path)),
      chunks,
      found,
    );
  }
  return found;
}

function byName(metafile) {
  return new Map(Object.entries(metafile.outputs).map(([file, chunk]) => [relative(file), chunk]));
}

function relative(file) {
  return path.relative(outdir, path.resolve(here, file));
}

if (flags.watch) await (await context(options)).watch();
else await build(options).catch(() => process.exit(1));
