import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { DEFAULTS, FIXED, Keymap, shown } from "../../static/js/keymap.js";

const WORDS = readFileSync(new URL("../../templates/preferences/_keys.html", import.meta.url), "utf8");

for (const [page, actions] of Object.entries(DEFAULTS)) {
  test(`no key of ${page} means two things`, () => {
    const keys = [...Object.values(actions).flat(), ...FIXED[page]];
    assert.equal(new Set(keys).size, keys.length);
  });

  test(`the help has words for every action of ${page}, and for no other`, () => {
    const block = new RegExp(`^  "${page}": \\{(.*?)^  \\},`, "ms").exec(WORDS)[1];
    const worded = [...block.matchAll(/^ {4}"([^"]+)":/gm)].map(([, name]) => name);
    assert.deepEqual(worded.toSorted(), Object.keys(actions).toSorted());
  });
}

test("without changes the defaults hold", () => {
  const keymap = new Keymap("review", {});
  assert.deepEqual(keymap.keysOf("accept"), ["a", "Ctrl+Enter"]);
  assert.equal(keymap.actionOf("f"), "next");
  assert.equal(keymap.actionOf("q"), undefined);
});

test("an own key takes the place of the letter, comes first, and leaves the other keys", () => {
  const keymap = new Keymap("review", { accept: "q", next: "j" });
  assert.deepEqual(keymap.keysOf("accept"), ["q", "Ctrl+Enter"]);
  assert.deepEqual(keymap.keysOf("next"), ["j", "ArrowRight"]);
  assert.equal(keymap.actionOf("a"), undefined);
});

test("what was given to another action is taken from the one that had it", () => {
  const keymap = new Keymap("review", { accept: "s", skip: "a" });
  assert.deepEqual([keymap.actionOf("s"), keymap.actionOf("a")], ["accept", "skip"]);
  assert.deepEqual(new Keymap("review", { accept: "s" }).keysOf("skip"), []);
});

for (const [name, cap] of [
  ["a", "A"],
  ["ArrowLeft", "←"],
  ["Ctrl+Shift+z", "Ctrl+Shift+Z"],
  [" ", "Space"],
  ["+", "+"],
  ["Ctrl++", "Ctrl++"],
]) {
  test(`${name} stands on the keyboard as ${cap}`, () => assert.equal(shown(name), cap));
}
