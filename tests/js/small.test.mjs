import assert from "node:assert/strict";
import { test } from "node:test";

import { Mask } from "../../static/js/editor/mask.js";
import { sharesOf } from "../../static/js/editor/small.js";

test("a pixel of the small picture holds the share of specimen under it", () => {
  const mask = new Mask(4, 2);
  mask.data.set([255, 255, 0, 0, 255, 255, 255, 0]);
  const shares = sharesOf(mask, 2, 1);
  assert.deepEqual([shares[0], shares[4]], [255, 63.75]);
});

test("sides that do not divide evenly leave no pixel out", () => {
  const mask = new Mask(7, 5);
  mask.data.fill(255);
  const shares = sharesOf(mask, 3, 2);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((place) => shares[4 * place]), Array(6).fill(255));
});
