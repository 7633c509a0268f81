// Packages that are replaced by smaller ones that do the same for us: package -> package, or file.
import path from "node:path";

const shim = (name) => path.join(import.meta.dirname, "src/widgets/shims", name);

export const alias = {
  "@lumino/widgets": shim("lumino-widgets.js"),
  jquery: shim("jquery.ts"),
  "lodash/isEqual": "lodash-es/isEqual.js",
  "sanitize-html": shim("sanitize-html.ts"),
};
