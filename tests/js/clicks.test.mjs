import assert from "node:assert/strict";
import { test } from "node:test";

import { Clicks } from "../../static/js/editor/clicks.js";

const click = { timeStamp: 1000, clientX: 50, clientY: 60, button: 0 };

for (const [name, next, count] of [
  ["soon and near", { timeStamp: 1200, clientX: 53 }, 2],
  ["too late", { timeStamp: 1600 }, 1],
  ["elsewhere", { timeStamp: 1200, clientX: 70 }, 1],
  ["by another button", { timeStamp: 1200, button: 2 }, 1],
]) {
  test(`a second click ${name} counts as ${count}`, () => {
    const clicks = new Clicks();
    assert.equal(clicks.count(click), 1);
    assert.equal(clicks.count({ ...click, ...next }), count);
  });
}
