/** Made by the build, see `icons.mjs`. */
declare module "stagedoor-icons" {
  /** Width, height, path. */
  type Icon = readonly [number, number, string];
  type Icons = Readonly<Record<string, Icon>>;
  /** The icons that apps ask for most, by name. */
  export const common: Icons;
  /** The others. An icon's shelf is the sum of its name's character codes, modulo the number of shelves. */
  export const shelves: readonly (() => Promise<{ default: Icons }>)[];
}
