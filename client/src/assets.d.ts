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
