/** The versions of Lumino's packages that are here. */
import { version as algorithm } from "../../../node_modules/@lumino/algorithm/package.json";
import { version as collections } from "../../../node_modules/@lumino/collections/package.json";
import { version as commands } from "../../../node_modules/@lumino/commands/package.json";
import { version as coreutils } from "../../../node_modules/@lumino/coreutils/package.json";
import { version as disposable } from "../../../node_modules/@lumino/disposable/package.json";
import { version as domutils } from "../../../node_modules/@lumino/domutils/package.json";
import { version as dragdrop } from "../../../node_modules/@lumino/dragdrop/package.json";
import { version as keyboard } from "../../../node_modules/@lumino/keyboard/package.json";
import { version as messaging } from "../../../node_modules/@lumino/messaging/package.json";
import { version as polling } from "../../../node_modules/@lumino/polling/package.json";
import { version as properties } from "../../../node_modules/@lumino/properties/package.json";
import { version as signaling } from "../../../node_modules/@lumino/signaling/package.json";
import { version as virtualdom } from "../../../node_modules/@lumino/virtualdom/package.json";
import { version as datagrid } from "../../../node_modules/@lumino/datagrid/package.json";
import { version as widgets } from "../../../node_modules/@lumino/widgets/package.json";

export const versions: Record<string, string> = {
  algorithm,
  collections,
  commands,
  coreutils,
  disposable,
  domutils,
  dragdrop,
  keyboard,
  messaging,
  polling,
  properties,
  signaling,
  virtualdom,
  datagrid,
  widgets,
};
