/** Made by the build, see `icons.mjs`: icons by name, each [width, height, path] or another name. */
declare module "stagedoor-icons/*" {
  const shelf: Readonly<Record<string, readonly [number, number, string] | string>>;
  export default shelf;
}
