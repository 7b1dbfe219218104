/** The scripted person of `benchmarks.redraw`, on a tiny moth: two wings and a body. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawing, pointing } from "../../benchmarks/redrawing/keystrokes.mjs";
import { redraw, WAYS } from "../../benchmarks/redrawing/person.mjs";
import { dice, distances, wrongRegions } from "../../benchmarks/redrawing/seeing.mjs";
import { outlineOf } from "../../benchmarks/redrawing/shapes.mjs";
import { RegionMap } from "../../static/js/editor/regions.js";
import { seeded } from "./random.mjs";

const [width, height] = [120, 80];
const LABEL = { left: 4, top: 4, right: 24, bottom: 14 };

function pixelsWhere(isSet) {
  return Uint8Array.from({ length: width * height }, (_, at) =>
    isSet(at % width, Math.floor(at / width)) ? 255 : 0,
  );
}

const inEllipse = (x, y, cx, cy, a, b) => ((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 <= 1;
const isLeftWing = (x, y) => inEllipse(x, y, 40, 40, 18, 14);
const isRightWing = (x, y) => inEllipse(x, y, 76, 40, 18, 14);
const isBody = (x, y) => inEllipse(x, y, 58, 40, 5, 22);
const isLabel = (x, y) =>
  x >= LABEL.left && x < LABEL.right && y >= LABEL.top && y < LABEL.bottom;
const truth = pixelsWhere((x, y) => isLeftWing(x, y) || isRightWing(x, y) || isBody(x, y));
/** A wing is missing, and a label is taken for specimen. */
const first = pixelsWhere((x, y) => isLeftWing(x, y) || isBody(x, y) || isLabel(x, y));

function partOf(x, y) {
  if (isBody(x, y)) return 1;
  if (isLeftWing(x, y)) return 2;
  if (isRightWing(x, y)) return 3;
  return isLabel(x, y) ? 4 : 0;
}

/** Blocks are the parts; superpixels are the parts cut along a grid. */
function mapOf(cell) {
  const data = new Uint8Array(4 * width * height);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const cells = Math.floor(y / cell) * Math.ceil(width / cell) + Math.floor(x / cell);
    const id = 5 * cells + partOf(x, y);
    data.set([id & 255, id >> 8, 0, 255], 4 * at);
  }
  return new RegionMap({ width, height, data }, { width, height });
}

const COLOURS = [[220, 215, 205], [70, 50, 30], [120, 90, 60], [120, 90, 60], [250, 250, 250]];
const pixels = new Uint8Array(4 * width * height);
for (let at = 0; at < width * height; at += 1) {
  pixels.set([...COLOURS[partOf(at % width, Math.floor(at / width))], 255], 4 * at);
}

function picture(changes = {}) {
  const maps = { blocks: mapOf(1000), superpixels: mapOf(8) };
  return { width, height, pixels, truth, first, others: [truth], maps, beyond: 0, good: 0.97, ...changes };
}

for (const tool of Object.keys(WAYS)) {
  test(`the person puts the mask right with ${tool}`, () => {
    const done = redraw(picture(), tool, seeded(1));
    assert.ok(dice({ data: done.mask }, truth, 0) >= 0.97);
    assert.ok(done.own > 0 && done.own <= done.seconds && done.seconds < 120);
    assert.ok(done.actions >= 2);
    assert.deepEqual(redraw(picture(), tool, seeded(1)), done);
  });
}

test("a mask that is good enough is left alone", () => {
  const done = redraw(picture({ first: truth }), "brush", seeded(1));
  assert.equal(done.actions, 0);
  assert.deepEqual(done.mask, truth);
});

test("whole regions take fewer actions than a tip", () => {
  const actions = (tool) => redraw(picture(), tool, seeded(1)).actions;
  assert.equal(actions("blocks"), 2);
  assert.ok(actions("blocks") <= actions("brush"));
});

test("blocks that hold both moth and ground are left to the brush", () => {
  const maps = { ...picture().maps, blocks: mapOf(1000) };
  maps.blocks.pieces.fill(0);
  const done = redraw(picture({ maps }), "blocks", seeded(1));
  assert.equal(done.own, 0);
  assert.ok(dice({ data: done.mask }, truth, 0) >= 0.97);
});

test("what is too thin or too small is not seen", () => {
  const seen = (isSet) => {
    const mask = { width, height, data: pixelsWhere(isSet) };
    return wrongRegions(mask, new Uint8Array(width * height), 1).map(({ area }) => area);
  };
  assert.deepEqual(seen((x, y) => y < 3), []);
  assert.deepEqual(seen((x, y) => x < 7 && y < 7), []);
  assert.deepEqual(seen((x, y) => (x < 10 && y < 10) || (x > 50 && y < 20)), [20 * (width - 51), 100]);
});

test("distances are to the nearest bad pixel", () => {
  const far = distances(5, 3, (at) => at === 0);
  assert.deepEqual(Array.from(far.subarray(0, 5)), [0, 1, 2, 3, 4]);
  assert.ok(Math.abs(far[5 + 1] - Math.SQRT2) < 1e-6);
});

test("an outline goes round all pixels, also over corners", () => {
  const at = (x, y) => y * width + x;
  const line = outlineOf({ mask: { width, height } }, [at(1, 1), at(2, 2)]);
  assert.equal(line.length, 8);
  assert.deepEqual(line[0], { x: 1, y: 1 });
});

test("small, far and narrow things take longer", () => {
  assert.ok(pointing(500, 5) > pointing(500, 50));
  assert.ok(pointing(500, 50) > pointing(100, 50));
  assert.ok(drawing(100, 4) > drawing(100, 40));
  assert.equal(drawing(100, 100), drawing(100, 1000));
});
