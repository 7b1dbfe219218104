import assert from "node:assert/strict";
import { test } from "node:test";

import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";
import { RegionMap } from "../../static/js/editor/regions.js";
import { BrushSize, makeTools } from "../../static/js/editor/tools/index.js";
import { connected, isHeldBy, randomMask, seeded } from "./random.mjs";

function mapOf(ids, width, height, crop) {
  const data = new Uint8ClampedArray(4 * width * height);
  ids.forEach((id, at) => data.set([id & 255, id >> 8, 0, 255], 4 * at));
  return new RegionMap({ width, height, data }, crop);
}

/** Maps smaller than the crop, as large, and larger; one of a single pixel. */
function* examples() {
  const random = seeded(41);
  for (const [width, height, across, down] of [
    [1, 1, 1, 1], [1, 1, 9, 4], [6, 5, 6, 5], [7, 5, 20, 13], [9, 8, 18, 16], [20, 11, 7, 5],
  ]) {
    const ids = Array.from({ length: width * height }, () => 300 * Math.floor(3 * random()));
    const mask = randomMask(random, across, down);
    const place = (at) => {
      const [x, y] = [(at % across) + 0.5, Math.floor(at / across) + 0.5];
      return Math.floor((y * height) / down) * width + Math.floor((x * width) / across);
    };
    yield { random, ids, place, mask, width, height, map: mapOf(ids, width, height, mask) };
  }
}

const pointAt = (mask, at) => ({ x: (at % mask.width) + 0.5, y: Math.floor(at / mask.width) + 0.5 });

test("a pixel of the crop has the number of the map's pixel that its centre lies in", () => {
  for (const { map, mask, ids, place } of examples()) {
    mask.data.forEach((_, at) => {
      const { x, y } = pointAt(mask, at);
      assert.equal(map.idAt(x, y), ids[place(at)]);
    });
    for (const [x, y] of [[-0.1, 0], [0, -1], [mask.width, 0], [0, mask.height]]) {
      assert.equal(map.idAt(x, y), null);
      assert.equal(map.at({ x, y }), null);
    }
  }
});

test("a region is painted as a whole and nothing else is", () => {
  for (const { map, mask, ids, place } of examples()) {
    for (const id of new Set(ids)) {
      const before = mask.data.slice();
      const rect = map.paint(mask, id, SPECIMEN);
      assert.deepEqual(mask.data, before.map((old, at) => (ids[place(at)] === id ? SPECIMEN : old)));
      assert.ok(isHeldBy(rect, before, mask));
      mask.data.set(before);
    }
    assert.equal(map.paint(mask, 1234, SPECIMEN), null);
  }
});

test("a piece is what hangs together over sides, and knows its pixels and its share", () => {
  for (const { map, mask, ids, place, width, height } of examples()) {
    mask.data.forEach((_, at) => {
      const piece = map.at(pointAt(mask, at));
      const own = connected({ width, height }, place(at), (each) => ids[each] === ids[place(at)]);
      const pixels = [...mask.data.keys()].filter((each) => own.has(place(each)));
      const specimen = pixels.filter((each) => mask.data[each] === SPECIMEN);
      assert.ok(Math.abs(piece.share(mask) - specimen.length / pixels.length) < 1e-12);
      const drawn = new Set();
      piece.each((left, top, right, bottom) => {
        for (let y = top; y < bottom; y += 1) {
          for (let x = left; x < right; x += 1) drawn.add(y * mask.width + x);
        }
      });
      assert.deepEqual([...drawn].sort((a, b) => a - b), pixels);
      const has = (each) => piece.has(each % mask.width, Math.floor(each / mask.width));
      assert.deepEqual([...mask.data.keys()].filter(has), pixels);
    });
  }
});

/** Four columns of four blocks, 10 x 10 pixels each; the first and the last column share a number. */
function begun(tool) {
  const mask = new Mask(40, 40);
  const ids = Array.from({ length: 16 }, (_, at) => (at % 4) % 3 + 3 * Math.floor(at / 4));
  const tools = makeTools(mask, new BrushSize());
  tools[tool].map = mapOf(ids, 4, 4, mask);
  return { mask, tool: tools[tool], size: tools.superpixels.size };
}

function blocksOf(mask) {
  const all = Array.from({ length: 16 }, (_, block) => block);
  const top = (block) => 400 * Math.floor(block / 4) + 10 * (block % 4);
  const full = (block) => {
    const values = [];
    for (let y = 0; y < 10; y += 1) {
      values.push(...mask.data.subarray(top(block) + 40 * y, top(block) + 40 * y + 10));
    }
    assert.equal(new Set(values).size, 1, `block ${block} is in part specimen`);
    return values[0] === SPECIMEN;
  };
  return all.filter(full);
}

const middle = (block) => ({ x: 10 * (block % 4) + 5, y: 10 * Math.floor(block / 4) + 5 });

function click(tool, block, mods = {}) {
  const rect = tool.start(middle(block), mods);
  assert.equal(tool.end(mods), null);
  return rect;
}

test("a click turns a block into specimen, another back, by what most of it is", () => {
  const { mask, tool } = begun("blocks");
  mask.data.fill(SPECIMEN, 10, 14);
  assert.deepEqual(click(tool, 1), { left: 10, top: 0, right: 20, bottom: 10 });
  assert.deepEqual(blocksOf(mask), [1]);
  mask.data.fill(0, 10, 14);
  click(tool, 1);
  assert.deepEqual(blocksOf(mask), []);
  click(tool, 6, { erase: true });
  assert.deepEqual(blocksOf(mask), []);
});

test("Shift-drag gives all blocks on the way the value of the first, none is left out", () => {
  const { mask, tool } = begun("blocks");
  click(tool, 6);
  const mods = { shift: true };
  tool.start(middle(4), mods);
  const rect = tool.move(middle(7), mods);
  assert.deepEqual(rect, { left: 10, top: 10, right: 40, bottom: 20 });
  tool.move(middle(15), mods);
  tool.move(middle(7), mods);
  tool.end(mods);
  assert.deepEqual(blocksOf(mask), [4, 5, 6, 7, 11, 15]);
});

test("a drag without Shift is a click", () => {
  const { mask, tool } = begun("blocks");
  tool.start(middle(4), {});
  assert.equal(tool.move(middle(7), {}), null);
  tool.end({});
  assert.deepEqual(blocksOf(mask), [4]);
});

test("with Alt a click takes all blocks of the same number, and so does a drag", () => {
  const { mask, tool } = begun("blocks");
  click(tool, 0, { alt: true });
  assert.deepEqual(blocksOf(mask), [0, 3]);
  const mods = { alt: true, shift: true };
  tool.start(middle(5), mods);
  tool.move(middle(4), mods);
  tool.end(mods);
  assert.deepEqual(blocksOf(mask), [0, 3, 4, 5, 7]);
});

test("the block under the pointer is shown, and where that has to be drawn anew", () => {
  const { tool } = begun("blocks");
  assert.deepEqual(tool.overlay(), []);
  assert.deepEqual(tool.hover({ x: 12, y: 3 }), { left: 10, top: 0, right: 20, bottom: 10 });
  assert.equal(tool.hover({ x: 18, y: 8 }), null);
  assert.equal(tool.overlay()[0].has(11, 9), true);
  assert.equal(tool.overlay()[0].has(20, 9), false);
  assert.deepEqual(tool.hover({ x: 25, y: 15 }), { left: 10, top: 0, right: 30, bottom: 20 });
  const { map } = tool;
  tool.map = null;
  assert.deepEqual(tool.overlay(), [], "a block of another map is not shown");
  tool.map = map;
  assert.deepEqual(tool.hover({ x: -5, y: 15 }), { left: 20, top: 10, right: 30, bottom: 20 });
  assert.deepEqual(tool.overlay(), []);
});

test("a small superpixel brush paints what is under it, on all of its way", () => {
  const { mask, tool, size } = begun("superpixels");
  size.radius = 0.5;
  assert.deepEqual(tool.start({ x: 5, y: 5 }, {}), { left: 0, top: 0, right: 10, bottom: 10 });
  assert.deepEqual(tool.move({ x: 38, y: 6 }), { left: 10, top: 0, right: 40, bottom: 10 });
  tool.end();
  assert.deepEqual(blocksOf(mask), [0, 1, 2, 3]);
});

for (const mods of [{ alt: true }, { erase: true }]) {
  test(`the superpixel brush takes away too: ${Object.keys(mods)}`, () => {
    const { mask, tool, size } = begun("superpixels");
    mask.data.fill(SPECIMEN);
    size.radius = 8;
    tool.start({ x: 20, y: 20 }, mods);
    tool.end(mods);
    assert.deepEqual(blocksOf(mask), [0, 1, 2, 3, 4, 7, 8, 11, 12, 13, 14, 15]);
  });
}

test("the superpixels that the brush would paint are shown", () => {
  const { tool, size } = begun("superpixels");
  size.radius = 1;
  assert.deepEqual(tool.hover({ x: 4, y: 4 }), { left: 0, top: 0, right: 10, bottom: 10 });
  assert.equal(tool.hover({ x: 5, y: 5 }), null);
  size.radius = 11;
  tool.hover({ x: 5, y: 5 });
  assert.equal(tool.overlay().length, 3);
});
