/** Lumino, on which widgets are built: the page's own copy of its packages, whole. */
import * as algorithm from "@lumino/algorithm";
import * as collections from "@lumino/collections";
import * as commands from "@lumino/commands";
import * as coreutils from "@lumino/coreutils";
import * as disposable from "@lumino/disposable";
import * as domutils from "@lumino/domutils";
import * as dragdrop from "@lumino/dragdrop";
import * as keyboard from "@lumino/keyboard";
import * as messaging from "@lumino/messaging";
import * as polling from "@lumino/polling";
import * as properties from "@lumino/properties";
import * as signaling from "@lumino/signaling";
import * as virtualdom from "@lumino/virtualdom";
import * as widgets from "../shims/lumino-widgets-whole.js";

export const lumino: Record<string, object> = {
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
  widgets,
};
