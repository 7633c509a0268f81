/** What a plugin may be given beside the registry of widgets: of JupyterLab's services, the few that a widget has use for. */
import { Signal } from "@lumino/signaling";

/** By what plugins name a service (`@lumino/coreutils`, `Token`). */
export interface Token {
  name: string;
}

const THEME = "@jupyterlab/apputils:IThemeManager";

/** The packages of JupyterLab of which a plugin needs no more than the names of services. */
export const tokens: Record<string, Record<string, Token>> = {
  "@jupyterlab/application": { JupyterFrontEnd: { name: "" } },
  "@jupyterlab/apputils": { IThemeManager: { name: THEME } },
};

/** Tells widgets whether the page is light or dark. */
class Themes {
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  readonly themeChanged = new Signal<this, { name: string; oldValue: string; newValue: string }>(this);

  constructor() {
    this.#dark.addEventListener("change", () => {
      const [newValue, oldValue] = this.#dark.matches ? ["dark", "light"] : ["light", "dark"];
      this.themeChanged.emit({ name: "theme", oldValue, newValue });
    });
  }

  get theme(): string {
    return this.#dark.matches ? "dark" : "light";
  }

  isLight(theme: string): boolean {
    return theme === "light";
  }
}

let themes: Themes | undefined;

/** The service of this name; null when there is none here. */
export function service(token: Token | undefined): object | null {
  return token?.name === THEME ? (themes ??= new Themes()) : null;
}
