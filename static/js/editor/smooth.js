/** Smoothing: each pixel becomes what most of its surroundings are. */

import { BACKGROUND, SPECIMEN } from "./mask.js";

const LARGEST = 127; // up to here the sums fit 32 bits

/**
 * The surroundings are weighted by a pyramid of 2 px to each side (a mean over a square of 2 px + 1,
 * taken twice), so that what is thinner than about px vanishes. At the picture's edge the outermost
 * pixels stand for what is beyond.
 */
export function smooth({ width, height, data }, px) {
  const reach = Math.min(Math.max(Math.round(px), 0), LARGEST);
  let [sums, spare] = [new Uint32Array(data.length), new Uint32Array(data.length)];
  for (let at = 0; at < data.length; at += 1) sums[at] = data[at] & 1;
  for (let turn = 0; turn < 2; turn += 1) {
    sumRows(sums, spare, width, height, reach);
    sumColumns(spare, sums, width, height, reach);
  }
  const half = (2 * reach + 1) ** 4 / 2;
  const out = new Uint8Array(data.length);
  for (let at = 0; at < out.length; at += 1) out[at] = sums[at] > half ? SPECIMEN : BACKGROUND;
  return out;
}

function sumRows(from, to, width, height, reach) {
  for (let y = 0; y < height; y += 1) {
    const [first, last] = [y * width, (y + 1) * width - 1];
    let sum = 0;
    for (let step = -reach; step <= reach; step += 1) {
      sum += from[Math.min(Math.max(first + step, first), last)];
    }
    for (let at = first; at <= last; at += 1) {
      to[at] = sum;
      const [next, gone] = [at + reach + 1, at - reach];
      sum += from[next > last ? last : next] - from[gone < first ? first : gone];
    }
  }
}

/** All columns at once, row by row: that is the order in which they lie in memory. */
function sumColumns(from, to, width, height, reach) {
  const sums = new Uint32Array(width);
  const rowAt = (y) => Math.min(Math.max(y, 0), height - 1) * width;
  for (let step = -reach; step <= reach; step += 1) {
    const row = rowAt(step);
    for (let x = 0; x < width; x += 1) sums[x] += from[row + x];
  }
  for (let y = 0; y < height; y += 1) {
    const [row, next, gone] = [y * width, rowAt(y + reach + 1), rowAt(y - reach)];
    for (let x = 0; x < width; x += 1) {
      to[row + x] = sums[x];
      sums[x] += from[next + x] - from[gone + x];
    }
  }
}
