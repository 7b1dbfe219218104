import assert from "node:assert/strict";
import { test } from "node:test";

import { BLUE, drawEdge, EDGE, fillBackground } from "../../static/js/editor/cover.js";

/** Specimen in columns 2 and 3 of a mask of 6 × 3. */
const CELLS = {
  width: 6,
  height: 3,
  data: Uint8Array.from({ length: 18 }, (_, at) => ([2, 3].includes(at % 6) ? 255 : 0)),
};

/** One sign per word: what is drawn on a stage of 12 × 6, each mask pixel 2 × 2. */
function shown(paint, area, look, signs) {
  const words = new Uint32Array(16 * area.height).fill(7);
  paint(words, 16, { cells: CELLS, place: { x: 0, y: 0, size: 2 }, area, ...look });
  return Array.from({ length: area.height }, (_, y) =>
    Array.from(words.subarray(y * 16, y * 16 + area.width), (word) => signs[word] ?? "?").join(""),
  );
}

const EDGE_SIGNS = { 0: ".", [EDGE.inside]: "i", [EDGE.outside]: "o" };
const ALL = { x: 0, y: 0, width: 12, height: 2 };

test("the edge is a line on either side of it, and nothing else is touched", () => {
  assert.deepEqual(shown(drawEdge, ALL, EDGE, EDGE_SIGNS), ["...oi..io...", "...oi..io..."]);
});

test("a part of the stage shows the same as the whole does there", () => {
  const part = { x: 4, y: 1, width: 5, height: 2 };
  assert.deepEqual(shown(drawEdge, part, EDGE, EDGE_SIGNS), ["i..io", "i..io"]);
});

test("the background is covered with pixel-exact sides, the specimen is not", () => {
  const half = { colour: BLUE, strength: 0.5 };
  const signs = { [0x80ff0000]: "b", [BLUE]: "." };
  assert.deepEqual(shown(fillBackground, ALL, half, signs), ["bbbb....bbbb", "bbbb....bbbb"]);
});

test("cells that are neither full nor empty are edge, so that no speck is lost from afar", () => {
  const cells = { width: 3, height: 1, data: Uint8Array.of(0, 3, 0) };
  const words = new Uint32Array(3);
  const area = { x: 0, y: 0, width: 3, height: 1 };
  drawEdge(words, 3, { cells, place: { x: 0, y: 0, size: 1 }, area, ...EDGE });
  assert.deepEqual([...words], [0, EDGE.outside, 0]);
});
