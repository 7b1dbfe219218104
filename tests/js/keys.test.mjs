import assert from "node:assert/strict";
import { test } from "node:test";

import { isCharacter, isTyping, nameOf } from "../../static/js/keys.js";

const NAMES = [
  [{ key: "a" }, "a"],
  [{ key: "A", shiftKey: true }, "Shift+a"],
  [{ key: "?", shiftKey: true }, "?"],
  [{ key: "Enter", ctrlKey: true }, "Ctrl+Enter"],
  [{ key: "Enter", metaKey: true }, "Ctrl+Enter"],
  [{ key: "Z", ctrlKey: true, shiftKey: true }, "Ctrl+Shift+z"],
  [{ key: "ArrowLeft" }, "ArrowLeft"],
  [{ key: "ArrowLeft", altKey: true }, "Alt+ArrowLeft"],
  [{ key: "ㄇ", code: "KeyA" }, "a"],
  [{ key: "Process", code: "KeyA", shiftKey: true }, "Shift+a"],
  [{ key: "a", code: "KeyQ" }, "a"],
];

for (const [event, name] of NAMES) {
  test(`${JSON.stringify(event)} is ${name}`, () => assert.equal(nameOf(event), name));
}

for (const [name, expected] of [["a", true], ["Shift+p", true], ["?", true], ["碁", true],
  ["Ctrl+z", false], ["ArrowLeft", false], [" ", false], ["Shift+Tab", false]]) {
  test(`${name} is ${expected ? "" : "not "}a character`, () => {
    assert.equal(isCharacter(name), expected);
  });
}

function element(tag, type = "") {
  const found = { type };
  return {
    closest: (selector) => (selector.split(", ").includes(tag) ? found : null),
  };
}

const TARGETS = [
  [element("textarea"), true],
  [element("select"), true],
  [element("input", "text"), true],
  [element("input", "checkbox"), false],
  [element("input", "range"), false],
  [element("button"), false],
  [null, false],
];

for (const [target, expected] of TARGETS) {
  test(`typing is ${expected} in ${target?.closest("input")?.type ?? "another element"}`, () => {
    assert.equal(isTyping(target), expected);
  });
}
