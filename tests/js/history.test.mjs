import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../static/js/editor/history.js";
import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";

function drawn(count) {
  const mask = new Mask(80, 60);
  const history = new History(mask);
  const states = [mask.data.slice()];
  for (let i = 0; i < count; i += 1) {
    const value = i % 3 === 2 ? 0 : SPECIMEN;
    const from = { x: (i * 7) % 80, y: (i * 11) % 60 };
    const to = { x: (i * 13) % 80, y: (i * 5) % 60 };
    const rect = mask.stroke(from, to, 3 + (i % 5), value);
    if (history.record(rect)) states.push(mask.data.slice());
  }
  return { mask, history, states };
}

test("two hundred strokes are undone and redone exactly", () => {
  const { mask, history, states } = drawn(230);
  assert.ok(states.length > 200);
  states.splice(0, states.length - 201); // the oldest are forgotten
  for (const state of states.slice(0, -1).reverse()) {
    assert.ok(history.undo());
    assert.deepEqual(mask.data, state);
  }
  assert.equal(history.undo(), null);
  for (const state of states.slice(1)) {
    assert.ok(history.redo());
    assert.deepEqual(mask.data, state);
  }
  assert.equal(history.redo(), null);
});

test("a new stroke after an undo drops what could be redone", () => {
  const { mask, history } = drawn(5);
  history.undo();
  assert.equal(history.canRedo, true);
  history.record(mask.stroke({ x: 2, y: 2 }, { x: 70, y: 50 }, 9, 0));
  assert.equal(history.canRedo, false);
});

test("a stroke that is given up leaves no trace", () => {
  const { mask, history, states } = drawn(5);
  const rect = mask.stroke({ x: 2, y: 2 }, { x: 70, y: 50 }, 9, 0);
  history.revert(rect);
  assert.deepEqual(mask.data, states.at(-1));
});

test("a stroke that changes nothing is no step", () => {
  const mask = new Mask(20, 20);
  const history = new History(mask);
  const rect = mask.stroke({ x: 5, y: 5 }, { x: 9, y: 9 }, 3, 0);
  assert.equal(history.record(rect), false);
  assert.equal(history.canUndo, false);
});

test("a step's rectangle holds what changed, and no more", () => {
  const mask = new Mask(81, 60);
  const history = new History(mask);
  mask.data[20 * 81 + 7] = SPECIMEN;
  mask.data[33 * 81 + 80] = SPECIMEN;
  history.record({ left: 0, top: 0, right: 81, bottom: 60 });
  assert.deepEqual(history.undo(), { left: 7, top: 20, right: 81, bottom: 34 });
});

test("an operation that turns pixels over both ways is one step", () => {
  const mask = new Mask(8, 4);
  mask.data.fill(SPECIMEN, 0, 16);
  const before = mask.data.slice();
  const history = new History(mask);
  mask.data.reverse();
  const after = mask.data.slice();
  history.record({ left: 0, top: 0, right: 8, bottom: 4 });
  history.undo();
  assert.deepEqual(mask.data, before);
  history.redo();
  assert.deepEqual(mask.data, after);
});
