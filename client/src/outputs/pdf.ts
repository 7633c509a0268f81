import css from "./pdf.css";
import type { Context, Rendering } from "./rendering.ts";

/** A document in the browser's own viewer, with a link for browsers that have none (most phones). */
export function render(value: unknown, context: Context): Rendering {
  const { element, stage } = context;
  stage.style(css);
  const bytes = Uint8Array.from(atob(context.text(value)), (character) => character.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
  const viewer = document.createElement("object");
  viewer.type = "application/pdf";
  viewer.data = url;
  viewer.className = "stagedoor-pdf";
  viewer.setAttribute("aria-label", "PDF document");
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.textContent = "Open the PDF document";
  const line = document.createElement("p");
  line.append(link);
  element.append(viewer, line);
  return { remove: () => URL.revokeObjectURL(url) };
}
