/**
 * The package `sanitize-html` as `@jupyter-widgets/base-manager` uses it, made with DOMPurify.
 *
 * A browser parses HTML itself, so the parsers that `sanitize-html` brings along (250 kB) are not needed.
 */
import type { DOMPurify } from "dompurify";

interface Options {
  allowedTags: string[];
  /** By tag, or `*` for all tags; a name may end in `*`. */
  allowedAttributes: Record<string, string[]>;
}

let purifier: DOMPurify | undefined;

/** Loads what `sanitize` needs: only a description that may hold HTML is sanitized, and few do. */
export async function loadSanitizer(): Promise<void> {
  purifier ??= (await import("dompurify")).default;
}

/** Returns the HTML with only these tags and attributes left. Before `loadSanitizer` is done, no tag is. */
export default function sanitize(html: string, { allowedTags, allowedAttributes }: Options): string {
  if (!purifier) return html.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const names = [...new Set(Object.values(allowedAttributes).flat())];
  return purifier.sanitize(html, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: names.filter((name) => !name.endsWith("*")),
    ALLOW_ARIA_ATTR: names.includes("aria-*"),
    ALLOW_DATA_ATTR: false,
  });
}
