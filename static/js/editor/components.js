/** Connected regions of an image of values, found from its runs: spans of equal values in a row. */

import { Numbers } from "./numbers.js";

/**
 * Runs [starts[i], ends[i]) in reading order, places[i] the number of the region each belongs to
 * (0 to count - 1, in reading order of their first pixels). `wanted`: look at this value only;
 * `corners`: regions hang together over corners too.
 */
export function componentsOf({ width, height, data }, { wanted = null, corners = false } = {}) {
  const [starts, ends] = [new Numbers(), new Numbers()];
  const parents = new Numbers();
  let above = 0;
  for (let y = 0; y < height; y += 1) {
    const here = starts.length;
    collectRuns(data, y * width, (y + 1) * width, wanted, starts, ends, parents);
    join({ data, width, corner: corners ? 1 : 0 }, starts.items, ends.items, parents, above, here);
    above = here;
  }
  const total = starts.length;
  return {
    starts: starts.items.subarray(0, total),
    ends: ends.items.subarray(0, total),
    ...numbered(parents),
  };
}

function collectRuns(data, from, to, wanted, starts, ends, parents) {
  let at = from;
  while (at < to) {
    const value = data[at];
    const start = at;
    while (at < to && data[at] === value) at += 1;
    if (wanted !== null && value !== wanted) continue;
    parents.push(starts.length);
    starts.push(start);
    ends.push(at);
  }
}

/** Unite the runs of one row (from `here` on) with those of the row above (from `above`). */
function join({ data, width, corner }, starts, ends, parents, above, here) {
  let [up, down] = [above, here];
  while (up < here && down < parents.length) {
    const [upStart, upEnd] = [starts[up] + width, ends[up] + width];
    const touch = upStart < ends[down] + corner && starts[down] < upEnd + corner;
    if (touch && data[starts[up]] === data[starts[down]]) unite(parents.items, up, down);
    if (upEnd < ends[down]) up += 1;
    else down += 1;
  }
}

function rootOf(parents, run) {
  while (parents[run] !== run) {
    parents[run] = parents[parents[run]];
    run = parents[run];
  }
  return run;
}

/** The earlier run becomes the root, so that regions are numbered in reading order. */
function unite(parents, one, other) {
  const [first, second] = [rootOf(parents, one), rootOf(parents, other)];
  if (first < second) parents[second] = first;
  else parents[first] = second;
}

function numbered({ items, length }) {
  const places = new Int32Array(length);
  let count = 0;
  for (let run = 0; run < length; run += 1) {
    const root = rootOf(items, run);
    places[run] = root === run ? count++ : places[root];
  }
  return { places, count };
}
