// The parts of `@lumino/widgets` that the core widgets are made of; its one big file would bring docks, menus and the command palette too.
// Not TypeScript, lest the compiler checks Lumino's sources by our rules.
export * from "../../../node_modules/@lumino/widgets/src/layout";
export * from "../../../node_modules/@lumino/widgets/src/panel";
export * from "../../../node_modules/@lumino/widgets/src/panellayout";
export * from "../../../node_modules/@lumino/widgets/src/tabbar";
export * from "../../../node_modules/@lumino/widgets/src/title";
export * from "../../../node_modules/@lumino/widgets/src/widget";
