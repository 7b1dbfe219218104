import assert from "node:assert/strict";
import { test } from "node:test";

import { exposed, isShift, nearlyWhole, shared } from "../../static/js/editor/scroll.js";

const STAGE = { width: 9, height: 6 };

test("what a shift leaves open and what it moved are together the whole stage", () => {
  for (let dx = -11; dx <= 11; dx += 1) {
    for (let dy = -8; dy <= 8; dy += 1) {
      const isDrawn = new Uint8Array(9 * 6);
      const areas = exposed(STAGE, dx, dy);
      areas.push(shared({ x: 0, y: 0, ...STAGE }, { x: dx, y: dy, ...STAGE }));
      for (const { x, y, width, height } of areas) {
        for (let row = y; row < y + height; row += 1) {
          isDrawn.fill(1, row * 9 + x, row * 9 + x + width);
        }
      }
      assert.ok(isDrawn.every(Boolean), `${dx}, ${dy}`);
    }
  }
});

test("only whole pixels are a shift, and standing still is none", () => {
  assert.equal(isShift(nearlyWhole(300.3 + 5 - 300.3), 0), true);
  assert.equal(isShift(nearlyWhole(0.5), 3), false);
  assert.equal(isShift(0, 0), false);
  assert.equal(isShift(NaN, NaN), false);
});
