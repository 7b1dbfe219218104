import assert from "node:assert/strict";
import test from "node:test";

import { Choice } from "../../static/js/specimen/choice.js";
import { diceText } from "../../static/js/specimen/comparison.js";

function picked(...names) {
  const choice = new Choice();
  for (const name of names) choice.pick(name);
  return choice.names;
}

test("the older of two comes first, whichever was clicked first", () => {
  assert.deepEqual(picked("version-12", "version-9"), ["version-9", "version-12"]);
  assert.deepEqual(picked("candidate-3", "version-12"), ["version-12", "candidate-3"]);
  assert.deepEqual(picked("candidate-30", "candidate-4"), ["candidate-4", "candidate-30"]);
});

test("whatever is in view, the last two clicks are compared", () => {
  assert.deepEqual(picked("version-3", "version-2", "version-1"), ["version-1"]);
  const again = ["version-3", "version-2", "version-2", "version-1"];
  assert.deepEqual(picked(...again), ["version-1", "version-2"]);
});

test("a mask that is clicked again stays in view", () => {
  assert.deepEqual(picked("version-1", "version-1"), ["version-1"]);
});

test("masks that differ never seem to agree fully", () => {
  assert.equal(diceText({ dice: 0.99999, added: 1, removed: 0 }), "0.9999");
  assert.equal(diceText({ dice: 0.99949, added: 9, removed: 3 }), "0.9995");
  assert.equal(diceText({ dice: 0.9316, added: 90, removed: 30 }), "0.932");
  assert.equal(diceText({ dice: 0, added: 9, removed: 9 }), "0.000");
  assert.equal(diceText({ dice: 1, added: 0, removed: 0 }), "1");
});
