// Packages that are replaced by smaller ones that do the same for us: package -> package, or file.
import path from "node:path";

const shim = (name) => path.join(import.meta.dirname, "src/widgets/shims", name);

export const alias = {
  "@lumino/widgets": shim("lumino-widgets.js"),
  jquery: shim("jquery.ts"),
  "lodash/isEqual": "lodash-es/isEqual.js",
  "sanitize-html": shim("sanitize-html.ts"),
};

/** What is loaded for extensions only may ask for the parts of Lumino's widgets that the page's own code goes without. */
export const wholeWidgets = {
  name: "whole-widgets",
  setup(host) {
    host.onResolve({ filter: /^@lumino\/widgets$/ }, ({ importer }) =>
      importer.includes("/@lumino/datagrid/") ? { path: shim("lumino-widgets-whole.js") } : undefined,
    );
  },
};
