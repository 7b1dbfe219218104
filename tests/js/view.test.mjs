import assert from "node:assert/strict";
import { test } from "node:test";

import { View } from "../../static/js/view.js";

const PICTURE = { width: 400, height: 200 };
const STAGE = { width: 800, height: 600 };

function fresh() {
  const view = new View();
  view.resize(PICTURE, STAGE);
  return view;
}

test("a new picture fits and is centred", () => {
  const { scale, x, y } = fresh();
  assert.deepEqual({ scale, x, y }, { scale: 2, x: 0, y: 100 });
});

test("zoom goes to 3200 %, and a tiny picture still fits", () => {
  const view = fresh();
  view.zoomAt(10, 20, 1e6);
  assert.equal(view.scale, 32);
  view.resize({ width: 10, height: 10 }, STAGE);
  view.zoomAt(400, 300, 2);
  assert.equal(view.scale, 60);
});

test("a point is brought to the middle, and what is visible is said", () => {
  const view = fresh();
  view.zoomAt(400, 300, 4);
  view.centreOn({ x: 100, y: 60 });
  assert.deepEqual(view.toPicture(400, 300), { x: 100, y: 60 });
  assert.deepEqual(view.visible, { left: 50, top: 22.5, right: 150, bottom: 97.5 });
});

test("zooming keeps the point under the pointer", () => {
  const view = fresh();
  const before = view.toPicture(520, 340);
  view.zoomAt(520, 340, 1.7);
  const after = view.toPicture(520, 340);
  assert.ok(Math.abs(before.x - after.x) < 1e-9 && Math.abs(before.y - after.y) < 1e-9);
});

test("zooming out ends at the fitted picture", () => {
  const view = fresh();
  view.zoomAt(100, 200, 3);
  view.zoomAt(700, 300, 0.01);
  assert.deepEqual([view.scale, view.x, view.y, view.fitted], [2, 0, 100, true]);
});

test("the picture cannot be pushed out of sight", () => {
  const view = fresh();
  view.zoomAt(400, 300, 2);
  view.pan(1e6, -1e6);
  const { x, y, width, height } = view.toStage({ left: 0, top: 0, right: 400, bottom: 200 });
  assert.ok(x <= STAGE.width / 2 && x + width >= STAGE.width / 2);
  assert.ok(y <= STAGE.height / 2 && y + height >= STAGE.height / 2);
});

test("a zoomed view stays when the window changes and fits anew for another picture size", () => {
  const view = fresh();
  view.zoomAt(400, 300, 2);
  view.resize(PICTURE, { width: 900, height: 600 });
  assert.equal(view.scale, 4);
  view.resize({ width: 300, height: 300 }, STAGE);
  assert.equal(view.scale, 2);
  assert.equal(view.fitted, true);
});
