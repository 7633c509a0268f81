/** The app's own page in a frame tells the page around it how high it is, so that the frame can be made so. */
export function tellHeight(): void {
  if (parent === window || !document.querySelector("meta[name=stagedoor-page]")) return;
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    // A height is no secret, and who frames the page is not known here: the gateway has allowed it (frame-ancestors).
    parent.postMessage({ type: "stagedoor-height", height, address: location.href.split("?")[0] }, "*");
  };
  new ResizeObserver(tell).observe(document.body);
}
