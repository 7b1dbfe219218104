/**
 * Filling of connected regions of a mask, a row's span at a time. Background hangs together over
 * sides only, specimen over corners too: so a closed line of specimen, however thin, holds the fill.
 */

import { BACKGROUND, SPECIMEN } from "./mask.js";

/** Give the region round a pixel the other value; returns the rectangle filled, or null. */
export function flood(mask, x, y, value) {
  return fill(mask, x, y, value, () => true);
}

/** Fill the hole round a background pixel; null when what is there is no hole. */
export function fillHole(mask, x, y) {
  const { width, height, data } = mask;
  const spans = [];
  const isHole = (start, end, row) => {
    spans.push(start, end);
    const left = start - row * width;
    return left > 0 && end - row * width < width && row > 0 && row < height - 1;
  };
  const rect = fill(mask, x, y, SPECIMEN, isHole);
  if (rect) return rect;
  for (let i = 0; i < spans.length; i += 2) data.fill(BACKGROUND, spans[i], spans[i + 1]);
  return null;
}

/** Stops, and returns null, as soon as `goesOn` says no to a span (start, end, row) it has filled. */
function fill({ width, height, data }, x, y, value, goesOn) {
  if (!(x >= 0 && x < width && y >= 0 && y < height)) return null;
  const first = y * width + x;
  if (data[first] === value) return null;
  const corner = value === BACKGROUND ? 1 : 0;
  const rect = { left: x, top: y, right: x + 1, bottom: y + 1 };
  const waiting = [first];
  while (waiting.length) {
    const at = waiting.pop();
    if (data[at] === value) continue;
    const row = Math.floor(at / width);
    const [border, beyond] = [row * width, (row + 1) * width];
    let [start, end] = [at, at + 1];
    while (start > border && data[start - 1] !== value) start -= 1;
    while (end < beyond && data[end] !== value) end += 1;
    data.fill(value, start, end);
    rect.left = Math.min(rect.left, start - border);
    rect.right = Math.max(rect.right, end - border);
    rect.top = Math.min(rect.top, row);
    rect.bottom = Math.max(rect.bottom, row + 1);
    if (!goesOn(start, end, row)) return null;
    const [from, to] = [Math.max(border, start - corner), Math.min(beyond, end + corner)];
    if (row > 0) seek(data, value, from - width, to - width, waiting);
    if (row < height - 1) seek(data, value, from + width, to + width, waiting);
  }
  return rect;
}

/** The first pixel of each span between two places that is still to be filled. */
function seek(data, value, from, to, waiting) {
  let isFilled = true;
  for (let at = from; at < to; at += 1) {
    if (data[at] === value) isFilled = true;
    else if (isFilled) {
      waiting.push(at);
      isFilled = false;
    }
  }
}
