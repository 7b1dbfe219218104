/**
 * Inside of a closed line, row by row. A pixel is inside when its centre is; a centre on the border
 * belongs to what lies right of it or below, so that two polygons that share a side neither overlap
 * nor leave a gap. Where the line runs round a place twice in the same sense (a freehand line that
 * crosses itself), the place is inside: the non-zero rule.
 */

import { isEmpty, within } from "./rect.js";

/** Visit (y, left, right) for each span inside; returns a rectangle that holds them all, or null. */
export function eachInside(points, width, height, visit) {
  const rect = within(boundsOf(points), width, height);
  if (isEmpty(rect)) return null;
  const edges = edgesOf(points);
  let [active, next] = [[], 0];
  for (let y = rect.top; y < rect.bottom; y += 1) {
    const level = y + 0.5;
    while (next < edges.length && edges[next].top.y <= level) active.push(edges[next++]);
    active = active.filter(({ bottom }) => bottom.y > level);
    eachSpan(active, level, (start, end) => {
      const left = Math.max(rect.left, Math.ceil(start - 0.5));
      const right = Math.min(rect.right, Math.ceil(end - 0.5));
      if (left < right) visit(y, left, right);
    });
  }
  return rect;
}

/** The smallest rectangle of whole pixels round some points. */
export function boundsOf(points) {
  const rect = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    rect.left = Math.min(rect.left, Math.floor(x));
    rect.top = Math.min(rect.top, Math.floor(y));
    rect.right = Math.max(rect.right, Math.ceil(x));
    rect.bottom = Math.max(rect.bottom, Math.ceil(y));
  }
  return rect;
}

/** From top to bottom whichever way the line runs: shared sides then give the same crossings. */
function edgesOf(points) {
  const edges = [];
  points.forEach((one, i) => {
    const other = points[(i + 1) % points.length];
    if (one.y < other.y) edges.push({ top: one, bottom: other, turn: 1 });
    else if (one.y > other.y) edges.push({ top: other, bottom: one, turn: -1 });
  });
  return edges.sort((one, other) => one.top.y - other.top.y);
}

function eachSpan(active, level, visit) {
  const crossings = active.map(({ top, bottom, turn }) => {
    const x = top.x + ((level - top.y) * (bottom.x - top.x)) / (bottom.y - top.y);
    return { x, turn };
  });
  crossings.sort((one, other) => one.x - other.x);
  let [turns, start] = [0, 0];
  for (const { x, turn } of crossings) {
    if (turns === 0) start = x;
    turns += turn;
    if (turns === 0) visit(start, x);
  }
}
