import { describe, expect, test } from "vitest";
import { decode, decodeRecording, encode, join, split, WireError } from "../src/wire.ts";

const bytes = (...values: number[]) => new Uint8Array(values);
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const header = { msg_id: "k-1", msg_type: "stream" };
const frame = (...parts: unknown[]) =>
  join(parts.map((part) => (part instanceof Uint8Array ? new Uint8Array(part) : json(part)))).buffer;

describe("a frame", () => {
  test("is a count, offsets and parts, as the protocol's text says", () => {
    const u64 = (value: number) => [value, 0, 0, 0, 0, 0, 0, 0];
    expect([...join([bytes(1, 2), bytes(3)])]).toEqual([...u64(3), ...u64(32), ...u64(34), ...u64(35), 1, 2, 3]);
  });

  test("gives back its parts, empty ones too", () => {
    const parts = [bytes(), bytes(1, 2, 3), bytes(), bytes(4)];
    expect(split(join(parts).buffer)).toEqual(parts);
  });

  test("takes a view of a larger buffer for what it shows", () => {
    const large = bytes(9, 9, 5, 6, 9);
    expect(split(join([new DataView(large.buffer, 2, 2)]).buffer)).toEqual([bytes(5, 6)]);
  });

  test.each([
    ["nothing", bytes()],
    ["less than one offset", bytes(1, 0, 0, 0, 0, 0, 0, 0)],
    ["more offsets than bytes", join([bytes(1)]).fill(200, 0, 1)],
    ["a count beyond all measure", join([bytes(1)]).fill(255, 0, 8)],
    ["no offset", join([bytes(1)]).fill(0, 0, 1)],
    ["a first offset inside the offsets", join([bytes(1)]).fill(8, 8, 9)],
    ["a last offset beyond the end", join([bytes(1)]).fill(99, 16, 17)],
    ["overlapping parts", join([bytes(1), bytes(2)]).fill(60, 16, 17)],
  ])("with %s is refused", (_, bad) => {
    expect(() => split(bad.buffer as ArrayBuffer)).toThrow(WireError);
  });
});

describe("a message", () => {
  test("of the page is read as it was written", () => {
    const content = { comm_id: "c", data: { method: "update", state: { text: "übung" }, buffer_paths: [["a"]] } };
    const written = encode({ channel: "shell", msgId: "p1c0", msgType: "comm_msg", content, buffers: [bytes(1, 2)] });
    const read = decode(written.buffer);
    expect(read).toMatchObject({ channel: "shell", header: { msg_id: "p1c0", msg_type: "comm_msg" }, content });
    expect(read.parent_header).toEqual({});
    expect(read.buffers.map((view) => [view.getUint8(0), view.getUint8(1)])).toEqual([[1, 2]]);
  });

  test.each([
    ["four parts", ["iopub", header, {}, {}]],
    ["a part that is not JSON", [bytes(105), header, {}, {}, bytes(123)]],
    ["a channel that is not UTF-8", [bytes(0xff), header, {}, {}, {}]],
    ["a content that is not UTF-8", [bytes(105), header, {}, {}, bytes(34, 0xff, 34)]],
    ["a header without a type", [bytes(105), { msg_id: "k" }, {}, {}, {}]],
    ["a content that is a list", [bytes(105), header, {}, {}, [1]]],
    ["an empty list for a content", [bytes(105), header, {}, {}, []]],
    ["no parent header", [bytes(105), header, null, {}, {}]],
  ])("with %s is refused", (_, parts) => {
    expect(() => decode(frame(...parts))).toThrow(WireError);
  });
});

describe("a recording", () => {
  const about = { format: 1, app: "demo", title: "Demo", generation: "g", cells: [{ name: "a", id: "cell-0" }] };
  const opened = {
    channel: "iopub",
    header: { msg_id: "r-0", msg_type: "comm_open" },
    parent_header: { msg_id: "cell-0" },
    metadata: {},
    content: { comm_id: "c", data: { state: { items: [null, "kept"] }, buffer_paths: [["value"]] } },
    buffers: [1],
  };
  const record = (more: object, ...parts: Uint8Array[]) => frame({ ...about, messages: [opened], ...more }, ...parts);

  test("has its shared texts and buffers put back", () => {
    const path = [0, "content", "data", "state"];
    const shared = [
      { path: [...path, "_esm"], part: 2 },
      { path: [...path, "items", 0], part: 2 },
    ];
    const read = decodeRecording(record({ shared }, bytes(7, 8), new TextEncoder().encode("export {} // ü")));
    expect(read).toMatchObject({ app: "demo", generation: "g", assets: {}, cells: about.cells });
    const { state } = read.messages[0].content.data;
    expect(state).toEqual({ _esm: "export {} // ü", items: ["export {} // ü", "kept"] });
    expect(read.messages[0].buffers[0].getUint8(1)).toBe(8);
  });

  test("cannot reach a prototype by a shared text's path", () => {
    const place = (...path: unknown[]) => record({ shared: [{ path, part: 1 }] }, bytes(65));
    expect(() => decodeRecording(place(0, "content", "__proto__", "polluted"))).toThrow(WireError);
    decodeRecording(place(0, "content", "__proto__"));
    expect("polluted" in {}).toBe(false);
  });

  test.each([
    ["of another format", record({ format: 2 }, bytes(1)), /another version/],
    ["without cells", record({ cells: undefined }, bytes(1)), /lacks cells/],
    ["that refers to a part it has not", record({}), /no part 1/],
    ["whose shared text leads nowhere", record({ shared: [{ path: [5, "content"], part: 1 }] }, bytes(65)), /no place/],
  ])("%s is refused", (_, bad, why) => {
    expect(() => decodeRecording(bad)).toThrow(why);
  });
});
