// @vitest-environment jsdom -- DOMPurify needs a NodeIterator that survives removals, which happy-dom's does not
import { expect, test, vi } from "vitest";
import { core, room } from "./room.ts";

// What jsdom lacks and Lumino asks for.
vi.hoisted(() => {
  globalThis.DragEvent ??= class extends Event {} as never;
  globalThis.ResizeObserver ??= class {
    observe() {}
    disconnect() {}
  } as never;
});

async function label(description: string, allowed: boolean) {
  const { open, show } = room();
  open("t", core("Text", { value: "", description, description_allow_html: allowed }));
  return (await show("t")).all("label")[0];
}

const html = '<b class="x" onclick="1">bold</b> <a href="javascript:1">link</a><script>1</script><iframe></iframe>';

test("a description is text", async () => {
  expect((await label(html, false)).textContent).toBe(html);
});

test("a description may hold HTML when the app says so, but nothing that runs", async () => {
  const shown = await label(html, true);
  expect(shown.innerHTML).toBe('<b class="x">bold</b> <a>link</a>');
});

test("HTML may be allowed later", async () => {
  const { open, update, show, settled } = room();
  open("t", core("Text", { value: "", description: "<b>x</b>", description_allow_html: false }));
  const { all } = await show("t");
  update("t", { description_allow_html: true });
  await settled();
  expect(all("label b")[0].textContent).toBe("x");
});
