import assert from "node:assert/strict";
import { test } from "node:test";

import { colourAround, TOLERANCES } from "../../static/js/editor/colours.js";
import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";
import { BrushSize, makeTools } from "../../static/js/editor/tools/index.js";
import { connected, isHeldBy, randomMask, seeded, SIZES } from "./random.mjs";

const REACH = 8;
const PER_STEP = 1.5 * REACH;

/** Colours that change slowly enough for regions of many sizes. */
function picture(random, width, height) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const wave = 100 + 60 * Math.sin(x / 3) + 60 * Math.cos(y / 4);
    for (let i = 0; i < 3; i += 1) pixels[4 * at + i] = wave + 50 * random();
    pixels[4 * at + 3] = 255;
  }
  return pixels;
}

function region({ width, height }, pixels, at, tolerance) {
  const words = new Uint32Array(pixels.buffer);
  const colour = colourAround(words, width, height, at % width, Math.floor(at / width));
  const isAlike = (each) => {
    const [r, g, b] = colour.map((channel, i) => pixels[4 * each + i] - channel);
    const differences = [(2 * r + 5 * g + b) / 8, r - g, (r + g) / 2 - b];
    return differences.every((each) => Math.min(255, Math.floor(Math.abs(each))) <= tolerance);
  };
  return connected({ width, height }, at, (each) => each === at || isAlike(each));
}

function expected(before, alike, value) {
  return before.map((old, at) => (alike.has(at) ? value : old));
}

for (const mods of [{}, { alt: true }, { erase: true }]) {
  test(`the wand shows the region at each tolerance while it is dragged: ${JSON.stringify(mods)}`, () => {
    const random = seeded(21);
    const value = mods.alt || mods.erase ? 0 : SPECIMEN;
    for (const [width, height] of SIZES) {
      const mask = randomMask(random, width, height);
      const before = mask.data.slice();
      const { wand } = makeTools(mask, new BrushSize());
      const pixels = picture(random, width, height);
      wand.pixels = pixels;
      const at = Math.floor(random() * before.length);
      const first = { x: (at % width) + 0.5, y: Math.floor(at / width) + 0.5 };
      const check = (act) => {
        const shown = mask.data.slice();
        const rect = act();
        const alike = region(mask, pixels, at, wand.tolerance);
        assert.deepEqual(mask.data, expected(before, alike, value));
        assert.ok(isHeldBy(rect, shown, mask));
      };
      check(() => wand.start(first, { ...mods, reach: REACH }));
      for (const steps of [1, 4, 12, 9, -3, -20, 7, 60, 0, 25]) {
        check(() => wand.move({ x: first.x + steps * PER_STEP, y: first.y }, mods));
      }
      check(() => wand.end(mods));
    }
  });
}

test("tolerances rise from nothing to everything, and the last one is kept", () => {
  assert.equal(TOLERANCES[0], 0);
  assert.equal(TOLERANCES.at(-1), 255);
  assert.ok(TOLERANCES.every((each, i) => i === 0 || each > TOLERANCES[i - 1]));
  const { wand } = makeTools(new Mask(6, 6), new BrushSize());
  wand.pixels = picture(seeded(1), 6, 6);
  const first = wand.tolerance;
  wand.start({ x: 3, y: 3 }, { reach: REACH });
  wand.move({ x: 3, y: 3 - 5 * PER_STEP });
  wand.end();
  assert.ok(wand.tolerance > first);
  const kept = wand.tolerance;
  wand.start({ x: 1, y: 1 }, { reach: REACH });
  assert.equal(wand.tolerance, kept);
});

test("a large region is found a part at a time while dragging, and wholly at the end", () => {
  const mask = new Mask(1500, 1000);
  const { wand } = makeTools(mask, new BrushSize());
  wand.pixels = new Uint8ClampedArray(4 * 1500 * 1000).fill(128);
  const rect = wand.start({ x: 700, y: 500 }, {});
  assert.ok(mask.data.includes(0) && !mask.isEmpty);
  assert.ok(isHeldBy(rect, new Uint8Array(1500 * 1000), mask));
  wand.end();
  assert.ok(!mask.data.includes(0));
});

test("a wand that is given up finds nothing more", () => {
  const mask = new Mask(1500, 1000);
  const { wand } = makeTools(mask, new BrushSize());
  wand.pixels = new Uint8ClampedArray(4 * 1500 * 1000).fill(128);
  wand.start({ x: 700, y: 500 }, {});
  const shown = mask.data.slice();
  wand.giveUp();
  assert.equal(wand.end(), null);
  assert.deepEqual(mask.data, shown);
});
