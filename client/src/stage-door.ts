/** `<stage-door>`: shows an app's live output. Loaded as an ES module from the gateway that runs the apps. */
export class StageDoor extends HTMLElement {}

if (!customElements.get("stage-door")) customElements.define("stage-door", StageDoor);
