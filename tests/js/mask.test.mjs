import assert from "node:assert/strict";
import { test } from "node:test";

import { BACKGROUND, Mask, SPECIMEN } from "../../static/js/editor/mask.js";

/** What the stroke must cover, pixel by pixel: centres within the radius of the segment. */
function expected(width, height, from, to, radius) {
  const out = new Uint8Array(width * height);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = squared ? Math.min(1, Math.max(0, (px * dx + py * dy) / squared)) : 0;
      const distance = Math.hypot(px - along * dx, py - along * dy);
      if (distance <= radius) out[y * width + x] = SPECIMEN;
    }
  }
  return out;
}

const STROKES = [
  ["a dot", { x: 20.3, y: 15.2 }, { x: 20.3, y: 15.2 }, 6],
  ["a slanted line", { x: 5.1, y: 4.7 }, { x: 50.4, y: 31.9 }, 4.3],
  ["a steep line upwards", { x: 30.2, y: 38.1 }, { x: 24.9, y: 3.3 }, 3.2],
  ["a level line", { x: 8.25, y: 20.25 }, { x: 44.25, y: 20.25 }, 5.1],
  ["beyond the border", { x: -7.2, y: 10.1 }, { x: 70.3, y: 45.7 }, 9.4],
];

for (const [name, from, to, radius] of STROKES) {
  test(`a stroke covers the pixels within its radius: ${name}`, () => {
    const mask = new Mask(60, 40);
    mask.stroke(from, to, radius, SPECIMEN);
    assert.deepEqual(mask.data, expected(60, 40, from, to, radius));
  });
}

test("the rectangle that comes back holds every change", () => {
  const mask = new Mask(60, 40);
  const rect = mask.stroke({ x: 12.4, y: 9.9 }, { x: 31.2, y: 22.2 }, 5, SPECIMEN);
  mask.data.forEach((value, at) => {
    const [x, y] = [at % 60, Math.floor(at / 60)];
    const inside = x >= rect.left && x < rect.right && y >= rect.top && y < rect.bottom;
    if (value) assert.ok(inside, `changed outside at ${x}, ${y}`);
  });
});

test("the eraser takes away what the brush drew", () => {
  const mask = new Mask(30, 30);
  const points = [{ x: 5, y: 5 }, { x: 25, y: 20 }];
  mask.stroke(...points, 4, SPECIMEN);
  assert.equal(mask.isEmpty, false);
  mask.stroke(...points, 4, BACKGROUND);
  assert.equal(mask.isEmpty, true);
});

test("a stroke wholly outside changes nothing", () => {
  const mask = new Mask(30, 30);
  assert.equal(mask.stroke({ x: -50, y: 5 }, { x: -40, y: 5 }, 4, SPECIMEN), null);
  assert.equal(mask.isEmpty, true);
});
