/** What a round tip covers on its way from one point to another: two discs and the band between. */

import { isEmpty, within } from "./rect.js";

/**
 * Visit (y, left, right) for each row of pixels whose centres are covered; returns the rectangle
 * that holds them all, or null. A point lies in the pixel that contains it.
 */
export function eachCovered(from, to, radius, width, height, visit) {
  const rect = within(boundsOf(from, to, radius), width, height);
  if (isEmpty(rect)) return null;
  const edges = bandEdges(from, to, radius);
  for (let y = rect.top; y < rect.bottom; y += 1) {
    const [start, end] = covered(from, to, radius, edges, y + 0.5);
    const left = Math.max(rect.left, Math.ceil(start - 0.5));
    const right = Math.min(rect.right, Math.floor(end - 0.5) + 1);
    if (left < right) visit(y, left, right);
  }
  return rect;
}

function boundsOf(from, to, radius) {
  return {
    left: Math.floor(Math.min(from.x, to.x) - radius),
    top: Math.floor(Math.min(from.y, to.y) - radius),
    right: Math.ceil(Math.max(from.x, to.x) + radius),
    bottom: Math.ceil(Math.max(from.y, to.y) + radius),
  };
}

/** Where the line at height y enters and leaves the two discs and the band between them. */
function covered(from, to, radius, edges, y) {
  let [start, end] = [Infinity, -Infinity];
  const widen = (x) => {
    start = Math.min(start, x);
    end = Math.max(end, x);
  };
  for (const centre of [from, to]) {
    const squared = radius * radius - (y - centre.y) ** 2;
    if (squared < 0) continue;
    widen(centre.x - Math.sqrt(squared));
    widen(centre.x + Math.sqrt(squared));
  }
  for (const [one, other] of edges) {
    const rise = other.y - one.y;
    const part = (y - one.y) / rise;
    if (rise !== 0 && part >= 0 && part <= 1) widen(one.x + part * (other.x - one.x));
  }
  return [start, end];
}

/** The two long sides of the band that a brush sweeps between two points. */
function bandEdges(from, to, radius) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return [];
  const aside = { x: (-(to.y - from.y) * radius) / length, y: ((to.x - from.x) * radius) / length };
  const shifted = (point, sign) => ({ x: point.x + sign * aside.x, y: point.y + sign * aside.y });
  return [1, -1].map((sign) => [shifted(from, sign), shifted(to, sign)]);
}
