import assert from "node:assert/strict";
import { test } from "node:test";

import { COLOURS, blend, compose, difference, maskPicture } from "../../static/js/review/compose.js";

const GREY = 0xff808080;
const WIDTH = 4;
const MASK = Uint8Array.from([0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0]);
const PIXELS = new Uint32Array(MASK.length).fill(GREY);

for (const fill of ["blue", "black", "white", "green", "chequered"]) {
  test(`outside the mask everything is ${fill}, inside nothing changes`, () => {
    const out = compose(PIXELS, MASK, WIDTH, fill);
    MASK.forEach((value, at) => assert.equal(out[at], value ? GREY : COLOURS[fill]));
  });
}

test("blue is exactly 0, 0, 255", () => {
  const [red, green, blue, alpha] = new Uint8Array(Uint32Array.of(COLOURS.blue).buffer);
  assert.deepEqual([red, green, blue, alpha], [0, 0, 255, 255]);
});

test("the outline marks both sides of the edge and leaves the rest", () => {
  const out = compose(PIXELS, MASK, WIDTH, "outline");
  assert.equal(out[5], COLOURS.blue);
  assert.equal(out[4], COLOURS.white);
  assert.equal(out[1], COLOURS.white);
  assert.equal(out[0], GREY);
});

test("the right end of a row is no neighbour of the next row", () => {
  const mask = Uint8Array.from([0, 0, 255, 0, 0, 0]);
  const out = compose(new Uint32Array(6).fill(GREY), mask, 3, "outline");
  assert.equal(out[3], GREY);
  assert.equal(out[5], COLOURS.white);
});

test("the mask alone is white on black", () => {
  assert.deepEqual([...maskPicture(Uint8Array.of(255, 0))], [COLOURS.white, COLOURS.black]);
});

test("a thumbnail is mixed with the colour by the weight of the mask", () => {
  const rgba = Uint8ClampedArray.from([200, 100, 0, 255, 200, 100, 0, 255]);
  const weights = Uint8ClampedArray.from([255, 255, 255, 255, 0, 0, 0, 255]);
  assert.deepEqual([...blend(rgba, weights, [0, 0, 255])], [200, 100, 0, 255, 0, 0, 255, 255]);
});

test("the difference is green where only mine is, red where only theirs is, else the picture", () => {
  const [mine, theirs] = [Uint8Array.of(255, 255, 0, 0), Uint8Array.of(255, 0, 255, 0)];
  const out = new Uint8Array(difference(new Uint32Array(4).fill(GREY), mine, theirs).buffer);
  const strongest = [1, 2, 3].map((at) => [...out.slice(4 * at, 4 * at + 3)]);
  assert.deepEqual([...out.slice(0, 3)], [128, 128, 128]);
  assert.equal(strongest[0].indexOf(Math.max(...strongest[0])), 1);
  assert.equal(strongest[1].indexOf(Math.max(...strongest[1])), 0);
  assert.equal(new Set(strongest[2]).size, 1);
});
