export * from "@lumino/widgets";
