import { asText } from "./model.ts";
import type { Context, Rendering } from "./rendering.ts";

/** A picture, kept as a blob and shown by an `<img>`, in which an SVG's scripts do not run. */
export function renderImage(value: unknown, context: Context): Rendering {
  const image = document.createElement("img");
  const url = show(image, value, context);
  context.element.append(image);
  return {
    ready: drawable(image).catch(() => {
      if (image.isConnected) throw new Error("the picture is damaged");
    }),
    remove: () => URL.revokeObjectURL(url),
  };
}

/** Decoding may wait for the tab to be seen; the load event does not. */
function drawable(image: HTMLImageElement): Promise<unknown> {
  image.decoding = "sync";
  const loaded = new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = reject;
  });
  return Promise.any([image.decode(), loaded]);
}

function show(image: HTMLImageElement, value: unknown, { mime, metadata, plain }: Context): string {
  const bytes = mime === "image/svg+xml" ? withNamespace(asText(value)) : decodeBase64(asText(value));
  const [width, height] = sizeOf(bytes, metadata);
  if (width) image.width = width;
  if (height) image.height = height;
  image.className = ["light", "dark"].includes(metadata.needs_background as string)
    ? `stagedoor-image stagedoor-on-${metadata.needs_background}`
    : "stagedoor-image";
  image.alt = asText(metadata.alt ?? describe(plain));
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
  image.src = url;
  return url;
}

/** Bytes of a base64 text, which a notebook may have broken into lines. Throws when it is not one. */
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** An SVG that was made for being put into HTML may lack its namespace; an image needs it. */
function withNamespace(svg: string): string {
  return /<svg[^>]*\sxmlns=/.test(svg) ? svg : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
}

/** Width and height in CSS pixels: as the app says, else a PNG's own (PNG specification, IHDR), so that nothing jumps. */
function sizeOf(bytes: Uint8Array | string, { width, height }: Record<string, unknown>): [number?, number?] {
  const said = (size: unknown) => (Number(size) > 0 ? Number(size) : undefined);
  if (said(width) || said(height)) return [said(width), said(height)];
  if (typeof bytes === "string" || bytes.length < 24 || bytes[0] !== 0x89 || bytes[1] !== 0x50) return [];
  const view = new DataView(bytes.buffer);
  return [view.getUint32(16), view.getUint32(20)];
}

/** `<Figure size 640x480 with 1 Axes>` says something, `<IPython.core.display.Image object>` does not. */
function describe(plain: string): string {
  return /^<IPython\b/.test(plain) ? "" : plain.replace(/^<(.*)>$/s, "$1");
}
