/**
 * Operations on a whole mask {width, height, data}: each returns the new pixels and leaves the old
 * ones alone. What lies beyond the picture's edge is unknown: it neither adds nor takes away.
 */

import { componentsOf } from "./components.js";
import { BACKGROUND, SPECIMEN } from "./mask.js";
import { spread } from "./spread.js";

export { mirror } from "./mirror.js";
export { smooth } from "./smooth.js";

/** Specimen is every pixel whose centre is at most px from the centre of one that was. */
export function grow(mask, px) {
  return spread(mask, px, SPECIMEN);
}

/** Background is every pixel whose centre is at most px from the centre of one that was. */
export function shrink(mask, px) {
  return spread(mask, px, BACKGROUND);
}

/** The largest specimen region, hanging together over sides and corners; of equals, the first. */
export function keepLargest(mask) {
  const regions = componentsOf(mask, { wanted: SPECIMEN, corners: true });
  const sizes = new Int32Array(regions.count);
  eachRun(regions, (start, end, place) => (sizes[place] += end - start));
  const largest = sizes.reduce((best, size, place) => (size > sizes[best] ? place : best), 0);
  const out = new Uint8Array(mask.data.length);
  eachRun(regions, (start, end, place) => place === largest && out.fill(SPECIMEN, start, end));
  return out;
}

/** Background that does not reach the picture's edge, over the sides of pixels, becomes specimen. */
export function fillHoles(mask) {
  const { width, data } = mask;
  const regions = componentsOf(mask, { wanted: BACKGROUND });
  const isOpen = new Uint8Array(regions.count);
  eachRun(regions, (start, end, place) => {
    const isOutmostRow = start < width || end > data.length - width;
    if (isOutmostRow || start % width === 0 || end % width === 0) isOpen[place] = 1;
  });
  const out = data.slice();
  eachRun(regions, (start, end, place) => isOpen[place] || out.fill(SPECIMEN, start, end));
  return out;
}

function eachRun({ starts, ends, places }, visit) {
  for (let run = 0; run < starts.length; run += 1) visit(starts[run], ends[run], places[run]);
}
