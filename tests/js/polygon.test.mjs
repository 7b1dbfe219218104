import assert from "node:assert/strict";
import { test } from "node:test";

import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";
import { BrushSize, makeTools } from "../../static/js/editor/tools/index.js";
import { isHeldBy, randomMask, seeded, SIZES } from "./random.mjs";

/** How often the line runs round a place, by the crossings to its left. */
function turnsRound(points, x, y) {
  return points.reduce((turns, one, i) => {
    const other = points[(i + 1) % points.length];
    const [top, bottom] = one.y < other.y ? [one, other] : [other, one];
    if (y < top.y || y >= bottom.y) return turns;
    const crossing = top.x + ((y - top.y) * (bottom.x - top.x)) / (bottom.y - top.y);
    return crossing <= x ? turns + (one.y < other.y ? 1 : -1) : turns;
  }, 0);
}

function inside({ width, data }, points, value) {
  return data.map((old, at) => {
    const [x, y] = [(at % width) + 0.5, Math.floor(at / width) + 0.5];
    return turnsRound(points, x, y) ? value(at) : old;
  });
}

/** Corners within and beyond the picture, some on whole and half pixels. */
function randomPoints(random, width, height) {
  const count = 3 + Math.floor(9 * random());
  const place = (length) => Math.round((1.6 * random() - 0.3) * length * 4) / 4;
  return Array.from({ length: count }, () => ({ x: place(width), y: place(height) }));
}

const EXAMPLES = SIZES.flatMap(([width, height]) => {
  const random = seeded(width + height);
  return Array.from({ length: 40 }, () => ({
    mask: randomMask(random, width, height),
    points: randomPoints(random, width, height),
  }));
});

test("a polygon covers the pixels whose centres it runs round", () => {
  for (const { mask, points } of EXAMPLES) {
    const own = new Mask(mask.width, mask.height, mask.data.slice());
    const rect = own.fillInside(points, SPECIMEN);
    assert.deepEqual(own.data, inside(mask, points, () => SPECIMEN));
    assert.ok(isHeldBy(rect, mask.data, own));
  }
});

test("a square on whole pixels covers just those, two that share a side leave no gap", () => {
  const mask = new Mask(10, 10);
  const square = (left, right) => [
    { x: left, y: 2 }, { x: right, y: 2 }, { x: right, y: 5 }, { x: left, y: 5 },
  ];
  mask.fillInside(square(1, 4.5), SPECIMEN);
  assert.equal(mask.data.filter(Boolean).length, 9);
  mask.fillInside(square(4.5, 10), SPECIMEN);
  assert.equal(mask.data.filter(Boolean).length, 27);
});

const corners = [{ x: 4, y: 4 }, { x: 34, y: 6 }, { x: 20, y: 32 }];

function begun(tool = "polygon", value = 0) {
  const mask = new Mask(40, 40, new Uint8Array(1600).fill(value));
  return { mask, tool: makeTools(mask, new BrushSize())[tool] };
}

function click(tool, point, mods = {}) {
  const rect = tool.start(point, { reach: 2, ...mods });
  return tool.end() ?? rect;
}

function drag(tool, points) {
  tool.start(points[0], { reach: 2 });
  points.slice(1).forEach((point) => tool.move(point));
  return tool.end();
}

function expected(points, value = SPECIMEN) {
  const mask = new Mask(40, 40, new Uint8Array(1600).fill(255 - value));
  mask.fillInside(points, value);
  return mask.data;
}

for (const [name, close] of [
  ["a click on the first point", (tool) => click(tool, { x: 4.5, y: 4.5 })],
  ["a double click", (tool) => click(tool, corners[2], { detail: 2 })],
  ["finishing", (tool) => tool.finish()],
]) {
  test(`clicks make corners, and ${name} closes the polygon`, () => {
    const { mask, tool } = begun();
    for (const corner of corners) assert.equal(click(tool, corner, { detail: 1 }), null);
    assert.ok(tool.isOpen && mask.isEmpty);
    assert.deepEqual(tool.overlay()[0].points, corners);
    assert.ok(isHeldBy(close(tool), new Uint8Array(1600), mask));
    assert.deepEqual(mask.data, expected(corners));
    assert.equal(tool.isOpen, false);
    assert.deepEqual(tool.overlay(), []);
  });
}

test("a cut takes away", () => {
  const { mask, tool } = begun("cut", SPECIMEN);
  for (const corner of corners) click(tool, corner);
  tool.finish();
  assert.deepEqual(mask.data, expected(corners, 0));
});

test("a point can be moved before the polygon is closed, the first one too", () => {
  const { mask, tool } = begun();
  for (const corner of corners) click(tool, corner);
  drag(tool, [corners[1], { x: 36, y: 20 }]);
  drag(tool, [corners[0], { x: 1, y: 1 }]);
  assert.ok(tool.isOpen);
  tool.finish();
  assert.deepEqual(mask.data, expected([{ x: 1, y: 1 }, { x: 36, y: 20 }, corners[2]]));
});

test("the last point is taken back, and all of them", () => {
  const { mask, tool } = begun();
  for (const corner of [...corners, { x: 0, y: 39 }]) click(tool, corner);
  tool.back();
  tool.finish();
  assert.deepEqual(mask.data, expected(corners));
  click(tool, corners[0]);
  tool.back();
  assert.equal(tool.isOpen, false);
  click(tool, corners[1]);
  tool.cancel();
  assert.equal(tool.isOpen, false);
});

test("two points enclose nothing", () => {
  const { mask, tool } = begun();
  click(tool, corners[0]);
  click(tool, corners[1]);
  assert.equal(click(tool, corners[1], { detail: 2 }), null);
  assert.ok(tool.isOpen);
  assert.equal(tool.finish(), null);
  assert.ok(mask.isEmpty);
});

const circle = Array.from({ length: 40 }, (_, i) => ({
  x: 20 + 15 * Math.cos((i * Math.PI) / 21),
  y: 20 + 15 * Math.sin((i * Math.PI) / 21),
}));

test("a line drawn freehand closes where it ends", () => {
  const { mask, tool } = begun();
  assert.ok(drag(tool, circle));
  assert.deepEqual(mask.data, expected(circle));
});

test("clicks and a freehand line make one polygon", () => {
  const { mask, tool } = begun();
  click(tool, { x: 2, y: 38 });
  drag(tool, circle.slice(0, 20));
  assert.ok(tool.isOpen);
  const handles = tool.overlay().filter((shape) => shape.handles);
  assert.deepEqual(handles.map(({ points }) => points), [[{ x: 2, y: 38 }], [circle[0]]]);
  tool.finish();
  assert.deepEqual(mask.data, expected([{ x: 2, y: 38 }, ...circle.slice(0, 20)]));
});

test("a hand that trembles while it clicks draws no line", () => {
  const { tool } = begun();
  for (const { x, y } of corners) drag(tool, [{ x, y }, { x: x + 0.6, y }, { x, y: y + 0.5 }]);
  assert.deepEqual(tool.overlay()[0].points, corners);
});

test("a press that is given up leaves the polygon as it was", () => {
  const { tool } = begun();
  for (const corner of corners) click(tool, corner);
  tool.start({ x: 1, y: 30 }, { reach: 2 });
  circle.forEach((point) => tool.move(point));
  tool.giveUp();
  tool.start(corners[1], { reach: 2 });
  tool.move({ x: 0, y: 0 });
  tool.giveUp();
  assert.deepEqual(tool.overlay()[0].points, corners);
});

test("the line to the pointer is shown, and where it has to be drawn", () => {
  const { tool } = begun();
  assert.equal(tool.hover({ x: 1, y: 1 }), null);
  click(tool, corners[0]);
  assert.deepEqual(tool.hover({ x: 20, y: 10 }), { left: 4, top: 4, right: 20, bottom: 10 });
  assert.deepEqual(tool.hover({ x: 8, y: 30 }), { left: 4, top: 4, right: 20, bottom: 30 });
  assert.deepEqual(tool.overlay()[1].line, [corners[0], { x: 8, y: 30 }]);
});

test("the lasso copies another mask inside a line", () => {
  for (const { mask, points } of EXAMPLES) {
    const { lasso } = makeTools(mask, new BrushSize());
    const before = mask.data.slice();
    assert.equal(drag(lasso, points), null);
    assert.deepEqual(mask.data, before, "without a mask to copy from it does nothing");
    lasso.source = randomMask(seeded(5), mask.width, mask.height).data;
    const rect = drag(lasso, points);
    const old = new Mask(mask.width, mask.height, before);
    assert.deepEqual(mask.data, inside(old, points, (at) => lasso.source[at]));
    assert.ok(isHeldBy(rect, before, mask));
  }
});

test("a lasso given up, or only clicked, copies nothing", () => {
  const { mask, tool } = begun("lasso");
  tool.source = new Uint8Array(1600).fill(SPECIMEN);
  circle.forEach((point, i) => (i ? tool.move(point) : tool.start(point)));
  assert.equal(tool.overlay()[0].points.length, 40);
  tool.giveUp();
  assert.equal(tool.end(), null);
  assert.equal(click(tool, { x: 5, y: 5 }), null);
  assert.ok(mask.isEmpty);
});
