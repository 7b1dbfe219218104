/** Random things that are the same in each run. */

import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";

export function seeded(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sizes that have an edge on each pixel, and some that do not. */
export const SIZES = [[1, 1], [1, 7], [7, 1], [2, 2], [13, 9], [24, 31]];

export function randomMask(random, width, height, share = 0.5) {
  const mask = new Mask(width, height);
  mask.data.forEach((_, at) => (mask.data[at] = random() < share ? SPECIMEN : 0));
  return mask;
}

/** Every change lies within the rectangle. */
export function isHeldBy(rect, before, { data, width }) {
  return data.every((value, at) => {
    if (value === before[at]) return true;
    const [x, y] = [at % width, Math.floor(at / width)];
    return rect && x >= rect.left && x < rect.right && y >= rect.top && y < rect.bottom;
  });
}

/** The pixels that hang together with one, where `isAlike(at)`; over corners too if so wanted. */
export function connected({ width, height }, first, isAlike, corners = false) {
  const found = new Set(isAlike(first) ? [first] : []);
  for (const at of found) {
    const [x, y] = [at % width, Math.floor(at / width)];
    for (const [dx, dy] of corners ? [...SIDES, ...CORNERS] : SIDES) {
      const isInside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
      const next = (y + dy) * width + x + dx;
      if (isInside && isAlike(next)) found.add(next);
    }
  }
  return found;
}

const SIDES = [[1, 0], [-1, 0], [0, 1], [0, -1]];
const CORNERS = [[1, 1], [-1, 1], [1, -1], [-1, -1]];
