// All of `@lumino/widgets`, by the same sources as the parts of it beside this file: extensions build on any of it.
export * from "../../../node_modules/@lumino/widgets/src/index";
