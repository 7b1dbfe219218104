import assert from "node:assert/strict";
import { test } from "node:test";

import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";
import { Pyramid } from "../../static/js/editor/pyramid.js";

test("a cell is 0 only where there is no specimen, 255 only where all is, however coarse", () => {
  const mask = new Mask(701, 333);
  mask.data[200 * 701 + 700] = SPECIMEN;
  const lonely = new Pyramid(mask).levels.at(-1);
  assert.equal(lonely.data.filter((cell) => cell > 0).length, 1);
  mask.data.fill(SPECIMEN);
  mask.data[5 * 701 + 9] = 0;
  const holed = new Pyramid(mask).levels.at(-1);
  assert.equal(holed.data.filter((cell) => cell < 255).length, 1);
});

test("what is brought up to date by rectangles is the same as what is made anew", () => {
  const mask = new Mask(701, 333);
  const pyramid = new Pyramid(mask);
  for (let i = 0; i < 30; i += 1) {
    const from = { x: (i * 97) % 720, y: (i * 61) % 340 };
    const to = { x: (i * 131) % 720, y: (i * 17) % 340 };
    pyramid.changed(mask.stroke(from, to, 2 + (i % 9), i % 3 ? SPECIMEN : 0));
  }
  const anew = new Pyramid(mask);
  assert.ok(pyramid.levels.length > 2);
  for (const [number, level] of pyramid.levels.entries()) {
    assert.deepEqual(level.data, anew.levels[number].data);
  }
});

const SCALES = [32, 1, 0.5, 0.34, 0.001];

test("levels fit the scale: cells no larger, or no smaller, than a pixel of the stage", () => {
  const pyramid = new Pyramid(new Mask(4000, 10));
  assert.deepEqual(SCALES.map((scale) => pyramid.finerThan(scale)), [0, 0, 1, 1, 5]);
  assert.deepEqual(SCALES.map((scale) => pyramid.coarserThan(scale)), [0, 0, 1, 2, 5]);
});
