import { colours, count, press } from "../drive/see.mjs";

export const title = "FASTA, by jupyterlab-fasta";
export const packages = ["jupyterlab-fasta"];

const drawn = async (page, sequences) =>
  (await count(page, ".biojs_msa_labelrow")) === sequences && (await colours(page, ".biojs_msa_seqblock")) > 5;

export const shows = (page) => drawn(page, 2);
export const act = (page) => press(page, "Add");
export const changes = (page) => drawn(page, 3);
