/** Frames: how messages lie in the bytes that page and gateway exchange (`v1.kernel.websocket.jupyter.org`). */
import type { Cell, Extension, Message, MimeExtension } from "./stage.ts";

export const SUBPROTOCOL = "v1.kernel.websocket.jupyter.org";

/** Bytes that are not laid out as docs/protocol.md says. */
export class WireError extends Error {
  override name = "WireError";
}

/** A message of the page, before it is a frame. */
export interface PageMessage {
  channel: "shell" | "stdin" | "control";
  msgId: string;
  msgType: string;
  content: Record<string, unknown>;
  buffers?: readonly BufferSource[];
}

/** An app's recorded first run, with its shared texts put back. */
export interface Recording {
  app: string;
  title: string;
  generation: string;
  cells: Cell[];
  assets: Record<string, string>;
  extensions: Record<string, Extension>;
  renderers: MimeExtension[];
  /** Whether HTML and JavaScript outputs run. */
  scripts: boolean;
  messages: Message[];
}

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });
const EMPTY = utf8.encode("{}");

/** One frame of the parts: the count of offsets, the offsets, the parts (little-endian, unsigned, 64 bits). */
export function join(parts: readonly BufferSource[]): Uint8Array<ArrayBuffer> {
  const count = parts.length + 1;
  let offset = 8 * (count + 1);
  const length = parts.reduce((sum, part) => sum + part.byteLength, offset);
  const frame = new Uint8Array(length);
  const numbers = new DataView(frame.buffer);
  numbers.setBigUint64(0, BigInt(count), true);
  parts.forEach((part, index) => {
    numbers.setBigUint64(8 * (index + 1), BigInt(offset), true);
    frame.set(bytesOf(part), offset);
    offset += part.byteLength;
  });
  numbers.setBigUint64(8 * count, BigInt(offset), true);
  return frame;
}

/**
 * The parts of a frame, without copying.
 *
 * @throws WireError when counts, offsets and length do not fit each other exactly
 */
export function split(frame: ArrayBuffer): Uint8Array<ArrayBuffer>[] {
  const numbers = new DataView(frame);
  if (frame.byteLength < 16) throw new WireError("A frame is too short to be one.");
  const count = Number(numbers.getBigUint64(0, true));
  if (count < 1 || 8 * (count + 1) > frame.byteLength) throw new WireError("A frame's offsets are cut off.");
  const offsets = Array.from({ length: count }, (_, index) => Number(numbers.getBigUint64(8 * (index + 1), true)));
  if (offsets[0] !== 8 * (count + 1) || offsets[count - 1] !== frame.byteLength) {
    throw new WireError("A frame's offsets do not span it.");
  }
  return offsets.slice(1).map((end, index) => {
    const start = offsets[index];
    if (end < start || end > frame.byteLength) throw new WireError("A frame's offsets overlap.");
    return new Uint8Array(frame, start, end - start);
  });
}

/** The frame of a message of the page. */
export function encode({ channel, msgId, msgType, content, buffers = [] }: PageMessage): Uint8Array<ArrayBuffer> {
  const header = { msg_id: msgId, msg_type: msgType, version: "5.3" };
  return join([utf8.encode(channel), json(header), EMPTY, EMPTY, json(content), ...buffers]);
}

/**
 * The message of a frame.
 *
 * @throws WireError when the frame is malformed, or is no message's
 */
export function decode(frame: ArrayBuffer): Message {
  const parts = split(frame);
  if (parts.length < 5) throw new WireError("A message has a channel, header, parent header, metadata and content.");
  const [header, parent, metadata, content] = parts.slice(1, 5).map(parse);
  return message(read(parts[0]), header, parent, metadata, content, parts.slice(5));
}

/**
 * The recording of an app.
 *
 * @throws WireError when the bytes are no recording that this client understands
 */
export function decodeRecording(body: ArrayBuffer): Recording {
  const [first, ...rest] = split(body);
  const found = first && parse(first);
  if (!isObject(found)) throw new WireError("The recording has no contents.");
  if (found.format !== 1) throw new WireError("The recording is of another version of Stagedoor: reload the page.");
  const { app, title, generation, cells, assets, extensions, renderers, scripts, messages, shared } = found;
  if (!Array.isArray(cells) || !Array.isArray(messages)) throw new WireError("The recording lacks cells or messages.");
  const part = (index: unknown): Uint8Array<ArrayBuffer> => {
    const bytes = typeof index === "number" ? rest[index - 1] : undefined;
    if (!bytes) throw new WireError(`The recording has no part ${String(index)}.`);
    return bytes;
  };
  const texts = new Map<unknown, string>();
  for (const { path, part: index } of (shared ?? []) as { path: (string | number)[]; part: number }[]) {
    if (!texts.has(index)) texts.set(index, read(part(index)));
    putBack(messages, path, texts.get(index)!);
  }
  return {
    app: String(app),
    title: String(title ?? app),
    generation: String(generation),
    cells: cells as Cell[],
    assets: (assets ?? {}) as Record<string, string>,
    extensions: (extensions ?? {}) as Record<string, Extension>,
    renderers: (renderers ?? []) as MimeExtension[],
    scripts: scripts !== false,
    messages: messages.map(({ channel, header, parent_header, metadata, content, buffers }) =>
      message(channel, header, parent_header ?? {}, metadata ?? {}, content, (buffers ?? []).map(part)),
    ),
  };
}

function message(
  channel: string,
  header: unknown,
  parent: unknown,
  metadata: unknown,
  content: unknown,
  buffers: Uint8Array<ArrayBuffer>[],
): Message {
  if (!isObject(header) || typeof header.msg_id !== "string" || typeof header.msg_type !== "string") {
    throw new WireError("A message's header lacks its id or its type.");
  }
  if (!isObject(parent) || !isObject(metadata) || !isObject(content)) {
    throw new WireError(`The parts of a message (${header.msg_type}) are objects.`);
  }
  return {
    channel,
    header: header as Message["header"],
    parent_header: parent,
    metadata,
    content,
    buffers: buffers.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  };
}

function putBack(messages: unknown[], path: (string | number)[], value: string): void {
  let place: unknown = messages;
  for (const step of path.slice(0, -1)) {
    place = isContainer(place) && Object.hasOwn(place, step) ? place[step] : undefined;
  }
  const last = path.at(-1);
  if (!isContainer(place) || last === undefined) throw new WireError("A shared text of the recording has no place.");
  // Not an assignment: a key like "__proto__" is a key like any other.
  Object.defineProperty(place, last, { value, writable: true, enumerable: true, configurable: true });
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isContainer(value) && !Array.isArray(value);
}

function parse(bytes: Uint8Array): unknown {
  if (bytes.length === 2 && bytes[0] === 0x7b) return {}; // "{}", as nearly every metadata is
  try {
    return JSON.parse(text.decode(bytes));
  } catch {
    throw new WireError("A part of a frame is not JSON.");
  }
}

function read(bytes: Uint8Array): string {
  try {
    return text.decode(bytes);
  } catch {
    throw new WireError("A part of a frame is not text.");
  }
}

function json(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8.encode(JSON.stringify(value));
}

function bytesOf(part: BufferSource): Uint8Array {
  return ArrayBuffer.isView(part)
    ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    : new Uint8Array(part);
}
