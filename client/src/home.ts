/** Where this code comes from: the root of the gateway that serves it. Only `stagedoor.js` itself may import this file. */
export const home = new URL(".", import.meta.url);
