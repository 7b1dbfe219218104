import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, reset, swapped } from "../../static/js/keychange.js";
import { Keymap } from "../../static/js/keymap.js";

const KEYS = { editor: { brush: "y" } };

test("a free key is given to the action, and nothing else changes", () => {
  const { keys } = changed(KEYS, "review", "accept", "q");
  assert.deepEqual(keys, { editor: { brush: "y" }, review: { accept: "q" } });
  assert.deepEqual(KEYS, { editor: { brush: "y" } });
});

test("a key of another action is told, and can be swapped", () => {
  assert.deepEqual(changed({}, "review", "accept", "s"), { taken: "skip" });
  const keys = swapped({}, "review", "accept", "s");
  const keymap = new Keymap("review", keys.review);
  assert.deepEqual([keymap.actionOf("s"), keymap.actionOf("a")], ["accept", "skip"]);
});

test("one of several keys can be taken over without costing the other action its letter", () => {
  const { review } = swapped({}, "review", "reject", "Ctrl+Enter");
  const keymap = new Keymap("review", review);
  assert.deepEqual(keymap.keysOf("accept"), ["a"]);
  assert.equal(keymap.actionOf("Ctrl+Enter"), "reject");
});

test("fixed keys cannot be given away", () => {
  assert.deepEqual(changed({}, "review", "accept", "1"), { fixed: true });
  assert.deepEqual(changed({}, "review", "accept", "Tab"), { fixed: true });
});

test("the key that an action has already changes nothing", () => {
  assert.deepEqual(changed({}, "review", "next", "ArrowRight"), { keys: {} });
});

test("only what differs is kept: the first key again, or set back", () => {
  const { keys } = changed({}, "review", "accept", "q");
  assert.deepEqual(changed(keys, "review", "accept", "a").keys, {});
  assert.deepEqual(reset(keys, "review", "accept"), {});
});

test("setting back takes the key from whatever has it now", () => {
  const keys = swapped({}, "review", "accept", "s");
  assert.deepEqual(reset(keys, "review", "accept"), {});
});
