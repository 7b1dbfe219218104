import assert from "node:assert/strict";
import { test } from "node:test";

import { carried, known, matching, put, tagEntry, tidy } from "../../static/js/tags.js";

test("a word is spelled as the server keeps it", () => {
  assert.equal(tidy("  白翅\u3000蛾 "), "白翅 蛾");
  assert.equal(tidy("e\u0301cail"), "écail");
  assert.equal([...tidy("𠮷".repeat(70))].length, 60);
});

test("typing finds words in use, those that begin with it first", () => {
  const words = ["white wing", "worn", "torn white"].map((word) => ({ word, count: 1 }));
  assert.deepEqual(matching(words, "WHI").map(({ word }) => word), ["white wing", "torn white"]);
  assert.equal(matching(words, "").length, 3);
});

test("a word is on all, some or none of the specimens", () => {
  const specimens = [{ tags: ["a", "b"] }, { tags: ["a"] }];
  assert.deepEqual(["a", "b", "c"].map((word) => carried(word, specimens)), ["all", "some", "none"]);
});

test("a word is put on those that lack it, and only they are sent", () => {
  const specimens = [{ id: 1, tags: ["b"] }, { id: 2, tags: ["a"] }];
  const changed = put("a", true, specimens);
  assert.deepEqual(specimens.map(({ tags }) => tags), [["a", "b"], ["a"]]);
  const { path, specimenId, fields } = tagEntry("a", true, changed);
  assert.deepEqual([path, specimenId, fields.specimens], ["/tags", 1, [1]]);
  assert.equal(put("a", false, specimens).length, 2);
});

test("words of the specimens are known before they are counted", () => {
  const words = known([{ word: "a", count: 3 }], [{ tags: ["a", "new"] }]);
  assert.deepEqual(words, [{ word: "a", count: 3 }, { word: "new", count: 0 }]);
});
