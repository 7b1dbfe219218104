/** Where a mask looks most symmetric: the axis by which most of its pixels find a mirror image. */

import { SPECIMEN } from "./mask.js";

/** Steps of the search, each round the best so far: degrees from upright, parts of the width. */
const SEARCH = [
  { turn: 5, turns: 6, shift: 0.02, shifts: 14, samples: 48 },
  { turn: 1, turns: 5, shift: 0.005, shifts: 5, samples: 96 },
  { turn: 0.2, turns: 5, shift: 0.001, shifts: 6, samples: 128 },
];
const PREFERENCE = 1e-3; // of two axes that are as good, the one more upright and central

/** {from, to}, from the top of the specimen to its bottom; in an empty mask the picture's middle. */
export function likelyAxis(mask) {
  const box = boxOf(mask);
  if (!box) return lineAt(mask.width / 2, 0, mask.height);
  let [best, centre] = [{ turn: 0, shift: 0 }, null];
  const across = box.right - box.left;
  for (const { samples, ...steps } of SEARCH) {
    const points = samplesOf(mask, box, samples);
    centre ??= middleOf(points);
    best = bestAround(best, steps, ({ turn, shift }) => {
      const cost = PREFERENCE * points.length * (Math.abs(turn) / 30 + Math.abs(shift));
      return overlap(mask, points, axisOf(centre, turn, shift * across)) - cost;
    });
  }
  const { x, y, nx, ny } = axisOf(centre, best.turn, best.shift * across);
  const at = (level) => ({ x: x + ((y - level) * ny) / nx, y: level });
  return { from: at(box.top), to: at(box.bottom) };
}

function lineAt(x, top, bottom) {
  return { from: { x, y: top }, to: { x, y: bottom } };
}

function bestAround(centre, { turn, turns, shift, shifts }, score) {
  let [best, most] = [centre, score(centre)];
  for (let i = -turns; i <= turns; i += 1) {
    for (let j = -shifts; j <= shifts; j += 1) {
      const axis = { turn: centre.turn + i * turn, shift: centre.shift + j * shift };
      const own = score(axis);
      if (own > most) [best, most] = [axis, own];
    }
  }
  return best;
}

/** A point on the axis and the unit vector across it. */
function axisOf(centre, degrees, distance) {
  const angle = (degrees * Math.PI) / 180;
  const [nx, ny] = [Math.cos(angle), -Math.sin(angle)];
  return { x: centre.x + distance * nx, y: centre.y + distance * ny, nx, ny };
}

/** How many of the points have their mirror image on the specimen too. */
function overlap({ width, height, data }, points, { x, y, nx, ny }) {
  let count = 0;
  for (const point of points) {
    const back = 2 * ((point.x - x) * nx + (point.y - y) * ny);
    const [column, row] = [Math.floor(point.x - back * nx), Math.floor(point.y - back * ny)];
    const isInside = column >= 0 && row >= 0 && column < width && row < height;
    if (isInside && data[row * width + column] === SPECIMEN) count += 1;
  }
  return count;
}

/** Centres of specimen pixels on a grid with so many across the longer side. */
function samplesOf({ width, data }, { left, top, right, bottom }, count) {
  const step = Math.max(1, Math.floor(Math.max(right - left, bottom - top) / count));
  const points = [];
  for (let y = top; y < bottom; y += step) {
    for (let x = left; x < right; x += step) {
      if (data[y * width + x] === SPECIMEN) points.push({ x: x + 0.5, y: y + 0.5 });
    }
  }
  return points;
}

function middleOf(points) {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/** The smallest rectangle round the specimen, or null. */
function boxOf({ width, height, data }) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y += 1) {
    const row = data.subarray(y * width, (y + 1) * width);
    const first = row.indexOf(SPECIMEN);
    if (first < 0) continue;
    box.left = Math.min(box.left, first);
    box.right = Math.max(box.right, row.lastIndexOf(SPECIMEN) + 1);
    box.top = Math.min(box.top, y);
    box.bottom = y + 1;
  }
  return box.right ? box : null;
}
