import debounce from "lodash-es/debounce.js";
import { expect, test } from "vitest";
import { provide } from "../../src/widgets/standins.ts";

test("an import from a CDN of what is here gets what is here", async () => {
  const source = [
    `import wait from "https://esm.sh/lodash-es@4.17.21/debounce";`,
    `import other from "https://cdn.example/other.js";`,
    `export default wait;`,
  ];
  const [first, ...rest] = (await provide(source.join("\n"))).split("\n");
  expect(rest).toEqual(source.slice(1));
  expect(new Function(`${first} return wait;`)()).toBe(debounce);
});

test("code without such imports stays as it is", async () => {
  const source = `import "https://esm.sh/lodash-es@4.17.21/debounce";\nconst text = 'import x from "https://esm.sh/vega-embed@7"';`;
  expect(await provide(source)).toBe(source);
});
