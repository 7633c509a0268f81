import DOMPurify from "dompurify";

/** HTML without anything that runs, loads a page, or restyles the page around it. */
export function clean(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, FORBID_TAGS: ["style", "form"] });
}
