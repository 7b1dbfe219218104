import assert from "node:assert/strict";
import { test } from "node:test";

import { isTyping, nameOf } from "../../static/js/keys.js";

const NAMES = [
  [{ key: "a" }, "a"],
  [{ key: "A", shiftKey: true }, "Shift+a"],
  [{ key: "?", shiftKey: true }, "?"],
  [{ key: "Enter", ctrlKey: true }, "Ctrl+Enter"],
  [{ key: "Enter", metaKey: true }, "Ctrl+Enter"],
  [{ key: "Z", ctrlKey: true, shiftKey: true }, "Ctrl+Shift+z"],
  [{ key: "ArrowLeft" }, "ArrowLeft"],
  [{ key: "ArrowLeft", altKey: true }, "Alt+ArrowLeft"],
];

for (const [event, name] of NAMES) {
  test(`${JSON.stringify(event)} is ${name}`, () => assert.equal(nameOf(event), name));
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
