import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { alias } from "./alias.mjs";

const packages = Object.entries(alias).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement }));
const shelf = fileURLToPath(new URL("tests/widgets/shelf.ts", import.meta.url));

export default defineConfig({
  resolve: { alias: [...packages, { find: "stagedoor-icons", replacement: shelf }] },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
    testTimeout: 30_000, // machines may be busy
    unstubGlobals: true,
    // Node would load these itself, without the aliases.
    server: { deps: { inline: [/@jupyter-widgets/, /@lumino/, "backbone"] } },
  },
});
