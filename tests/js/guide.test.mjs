/** The guide for curators names every key, under the heading of its page. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { DEFAULTS, shown } from "../../static/js/keymap.js";

const HEADINGS = { review: "Review", grid: "Many at once", editor: "Redraw", boxes: "Boxes" };
const guide = readFileSync(new URL("../../docs/curators.md", import.meta.url), "utf8");

/** The keys in the first column of the table below a heading. */
function keysUnder(heading) {
  const section = guide.split(`\n## ${heading}\n`)[1].split("\n## ")[0];
  const cells = [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell);
  return cells.flatMap((cell) => cell.split(/, | and /));
}

for (const [page, heading] of Object.entries(HEADINGS)) {
  test(`every action of the ${page} page has its key in the guide`, () => {
    const named = keysUnder(heading);
    const missing = Object.entries(DEFAULTS[page])
      .filter(([, keys]) => !keys.some((key) => named.includes(shown(key))))
      .map(([action]) => action);
    assert.deepEqual(missing, []);
  });
}
