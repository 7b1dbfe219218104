import assert from "node:assert/strict";
import { test } from "node:test";

import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";
import { BrushSize, makeTools } from "../../static/js/editor/tools/index.js";
import { connected, isHeldBy, randomMask, seeded, SIZES } from "./random.mjs";

/** Click each tenth pixel of many random masks, always on a fresh one. */
function eachClick(check) {
  const random = seeded(11);
  for (const [width, height] of SIZES) {
    for (const share of [0, 0.3, 0.5, 0.7, 1]) {
      const { data } = randomMask(random, width, height, share);
      for (let at = Math.floor(10 * random()); at < data.length; at += 10) {
        const mask = new Mask(width, height, data.slice());
        const point = { x: (at % width) + random(), y: Math.floor(at / width) + random() };
        check({ mask, before: data, at, point, tools: makeTools(mask, new BrushSize()) });
      }
    }
  }
}

function changed(before, region, value) {
  return before.map((old, at) => (region.has(at) ? value : old));
}

test("the bucket fills the background under the pointer, over sides only", () => {
  eachClick(({ mask, before, at, point, tools }) => {
    const region = connected(mask, at, (each) => before[each] === 0);
    const rect = tools.bucket.start(point, {});
    assert.equal(tools.bucket.end(), null);
    assert.deepEqual(mask.data, changed(before, region, SPECIMEN));
    assert.ok(isHeldBy(rect, before, mask));
    assert.equal(rect === null, region.size === 0);
  });
});

for (const mods of [{ alt: true }, { erase: true }]) {
  test(`the bucket takes specimen away, over corners too: ${Object.keys(mods)}`, () => {
    eachClick(({ mask, before, at, point, tools }) => {
      const region = connected(mask, at, (each) => before[each] === SPECIMEN, true);
      const rect = tools.bucket.start(point, mods);
      assert.deepEqual(mask.data, changed(before, region, 0));
      assert.ok(isHeldBy(rect, before, mask));
    });
  });
}

test("a hole is filled by a click, what reaches the picture's edge is none", () => {
  let holes = 0;
  eachClick(({ mask, before, at, point, tools }) => {
    const { width, height } = mask;
    const region = connected(mask, at, (each) => before[each] === 0);
    const isOpen = [...region].some((each) => {
      const [x, y] = [each % width, Math.floor(each / width)];
      return x === 0 || y === 0 || x === width - 1 || y === height - 1;
    });
    const rect = tools.hole.start(point, {});
    assert.deepEqual(mask.data, changed(before, isOpen ? new Set() : region, SPECIMEN));
    assert.ok(isHeldBy(rect, before, mask));
    if (rect) holes += 1;
  });
  assert.ok(holes > 10, "some of the clicks met a hole");
});

test("clicks beyond the picture fill nothing", () => {
  const mask = new Mask(5, 5);
  const { bucket, hole, wand, blocks, superpixels } = makeTools(mask, new BrushSize());
  for (const tool of [bucket, hole, wand, blocks, superpixels]) {
    for (const point of [{ x: -0.1, y: 2 }, { x: 2, y: 5 }, { x: NaN, y: 1 }]) {
      assert.equal(tool.start(point, {}), null);
      assert.equal(tool.move(point, {}), null);
      assert.equal(tool.end({}), null);
    }
  }
  assert.ok(mask.isEmpty);
});
