import assert from "node:assert/strict";
import { test } from "node:test";

import { Choice } from "../../static/js/mask-imports/choice.js";

test("at first all are ticked, also those that were never shown", () => {
  const choice = new Choice();
  assert.equal(choice.count(5000), 5000);
  assert.ok(choice.has(77));
  assert.deepEqual(choice.fields, { except: [] });
});

test("unticking some leaves the others", () => {
  const choice = new Choice();
  choice.set(3, false);
  choice.set(4, false);
  choice.set(4, true);
  assert.equal(choice.count(10), 9);
  assert.deepEqual([choice.has(3), choice.has(4)], [false, true]);
  assert.deepEqual(choice.fields, { except: [3] });
});

test("after ticking none, only what is ticked anew counts", () => {
  const choice = new Choice();
  choice.set(3, false);
  choice.setAll(false);
  choice.set(9, true);
  assert.equal(choice.count(10), 1);
  assert.deepEqual(choice.fields, { only: [9] });
});
