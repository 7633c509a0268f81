/** A style sheet with all that it imports, as a text for `stage.style`. */
declare module "*.css" {
  const text: string;
  export default text;
}

/** A file: its path relative to the gateway's root (`stage.base`). */
declare module "*.woff2" {
  const path: string;
  export default path;
}

/** A file: its path relative to the code that imports it (`import.meta.url`). */
declare module "*.png" {
  const path: string;
  export default path;
}

/** A file of a package as it is: its path relative to the code that imports it. */
declare module "file:*" {
  const path: string;
  export default path;
}

/** A classic script, as a text. */
declare module "requirejs/require.js" {
  const text: string;
  export default text;
}

declare module "lodash-es/debounce.js" {
  const debounce: unknown;
  export default debounce;
}
