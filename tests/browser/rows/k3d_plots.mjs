import { drag } from "../drive/hand.mjs";
import { text, visible } from "../drive/see.mjs";

export const title = "K3D";
export const packages = ["k3d"];
export const heavy = true;
/** It asks its kernel for its own code, so there is nothing to see before. */
export const live = true;

export const shows = (page) => visible(page, "canvas");
export const act = (page) => drag(page, "canvas", [0.3, 0.5], [0.6, 0.6]);
export const changes = async (page) => (await text(page)).includes("camera moved");
