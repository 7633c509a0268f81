/** Turns `<a download href="data:…">` into links to blobs: browsers follow no data URL of some megabytes. Returns what frees them. */
export function withBlobs(links: Iterable<HTMLAnchorElement>): () => void {
  const urls: string[] = [];
  for (const link of links) {
    const [, type, base64, data] = /^data:(.*?)(;base64)?,(.*)$/s.exec(link.href) ?? [];
    if (data === undefined) continue;
    const bytes = base64
      ? Uint8Array.from(atob(unescape(data)), (character) => character.charCodeAt(0))
      : decodeURIComponent(data);
    urls.push((link.href = URL.createObjectURL(new Blob([bytes], { type }))));
  }
  return () => urls.forEach((url) => URL.revokeObjectURL(url));
}
