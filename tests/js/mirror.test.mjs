import assert from "node:assert/strict";
import { test } from "node:test";

import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";
import { mirror } from "../../static/js/editor/operations.js";
import { BrushSize, makeTools } from "../../static/js/editor/tools/index.js";
import { randomMask, seeded, SIZES } from "./random.mjs";

const upright = (x) => ({ from: { x, y: 0 }, to: { x, y: 10 } });

for (const side of ["left", "right"]) {
  test(`an upright axis copies the ${side} side, pixel for pixel`, () => {
    const random = seeded(31);
    for (const [width, height] of SIZES) {
      for (let x = -1; x <= width + 1; x += 0.5) {
        const mask = randomMask(random, width, height);
        const expected = mask.data.map((old, at) => {
          const column = at % width;
          const centre = column + 0.5;
          if (side === "left" ? centre <= x : centre >= x) return old;
          const other = 2 * x - 1 - column;
          return other >= 0 && other < width ? mask.data[at - column + other] : 0;
        });
        assert.deepEqual(mirror(mask, upright(x), side), expected);
      }
    }
  });
}

test("a level axis copies what is below it, or above, whichever way it was drawn", () => {
  const mask = randomMask(seeded(4), 9, 8);
  const [one, other] = [{ x: 1, y: 4 }, { x: 7, y: 4 }];
  const rows = (order) => order.flatMap((y) => [...mask.data.subarray(9 * y, 9 * y + 9)]);
  const below = rows([7, 6, 5, 4, 4, 5, 6, 7]);
  assert.deepEqual([...mirror(mask, { from: one, to: other }, "left")], below);
  assert.deepEqual([...mirror(mask, { from: other, to: one }, "left")], below);
  const above = rows([0, 1, 2, 3, 3, 2, 1, 0]);
  assert.deepEqual([...mirror(mask, { from: one, to: other }, "right")], above);
});

test("a diagonal axis swaps rows and columns", () => {
  const mask = randomMask(seeded(5), 12, 12);
  const mirrored = mirror(mask, { from: { x: 0, y: 0 }, to: { x: 3, y: 3 } }, "left");
  const expected = mask.data.map((old, at) => {
    const [x, y] = [at % 12, Math.floor(at / 12)];
    return x > y ? mask.data[12 * x + y] : old;
  });
  assert.deepEqual(mirrored, expected);
});

test("the end that is drawn first does not matter, and two equal ends are no axis", () => {
  const mask = randomMask(seeded(6), 30, 20);
  const [from, to] = [{ x: 13.2, y: 1 }, { x: 16.7, y: 18 }];
  assert.deepEqual(mirror(mask, { from, to }, "left"), mirror(mask, { from: to, to: from }, "left"));
  assert.deepEqual(mirror(mask, { from, to: from }, "left"), mask.data);
});

/** Two wings beside an axis that leans by some degrees, or one wing only. */
function moth({ x, degrees, wings = [-1, 1] }) {
  const mask = new Mask(300, 240);
  const angle = (degrees * Math.PI) / 180;
  mask.data.forEach((_, at) => {
    const [dx, dy] = [(at % 300) + 0.5 - x, Math.floor(at / 300) + 0.5 - 120];
    const across = dx * Math.cos(angle) - dy * Math.sin(angle);
    const along = dx * Math.sin(angle) + dy * Math.cos(angle);
    const isWing = wings.some(
      (sign) => ((sign * across - 45) / 45) ** 2 + ((along + 0.3 * sign * across) / 30) ** 2 < 1,
    );
    const isBody = (across / 8) ** 2 + (along / 60) ** 2 < 1;
    if (isWing || isBody) mask.data[at] = SPECIMEN;
  });
  return mask;
}

for (const [x, degrees] of [[150, 0], [140, 12], [165, -21]]) {
  test(`the axis of a moth that leans by ${degrees} degrees is found`, () => {
    const { axis } = makeTools(moth({ x, degrees }), new BrushSize()).mirror;
    const slope = (axis.to.x - axis.from.x) / (axis.to.y - axis.from.y);
    assert.ok(Math.abs((Math.atan(slope) * 180) / Math.PI - degrees) < 1.5);
    assert.ok(Math.abs(axis.from.x + slope * (120 - axis.from.y) - x) < 2);
    assert.ok(axis.from.y < axis.to.y);
  });
}

test("without a specimen the axis is the picture's middle; a single pixel has one too", () => {
  const { mirror: tool } = makeTools(new Mask(30, 20), new BrushSize());
  assert.deepEqual(tool.axis, { from: { x: 15, y: 0 }, to: { x: 15, y: 20 } });
  const one = new Mask(1, 1, Uint8Array.of(SPECIMEN));
  assert.equal(makeTools(one, new BrushSize()).mirror.axis.from.x, 0.5);
});

test("the ends of the axis are dragged one by one, the line as a whole", () => {
  const { mirror: tool } = makeTools(new Mask(30, 20), new BrushSize());
  const drag = (from, to) => {
    assert.equal(tool.start(from, { reach: 2 }), null);
    assert.equal(tool.move(to), null);
    assert.equal(tool.end(), null);
  };
  drag({ x: 16, y: 1 }, { x: 20, y: 1 });
  assert.deepEqual(tool.axis, { from: { x: 19, y: 0 }, to: { x: 15, y: 20 } });
  drag({ x: 17, y: 10 }, { x: 12, y: 11 });
  assert.deepEqual(tool.axis, { from: { x: 14, y: 1 }, to: { x: 10, y: 21 } });
  drag({ x: 28, y: 3 }, { x: 2, y: 2 });
  assert.deepEqual(tool.axis, { from: { x: 14, y: 1 }, to: { x: 10, y: 21 } });
  assert.deepEqual(tool.overlay(), [{ line: [{ x: 14, y: 1 }, { x: 10, y: 21 }], handles: true }]);
  tool.cancel();
  assert.equal(tool.axis.from.x, 15);
});
