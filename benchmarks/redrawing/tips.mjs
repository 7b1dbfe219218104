/** Tools with a round tip: the brush, and those that take whole regions of a map. */

import { KEY, THINK } from "./keystrokes.mjs";
import { planLines } from "./planning.mjs";
import { SMALLEST } from "./seeing.mjs";

/** Radii that are tried, in screen pixels; a person sees which of them fits. */
const RADII = [3, 6, 12, 24, 48, 96];
/** What a press of the keys for the tip's size multiplies it with. */
const FINER = 1.25;
/** A place is worth going to for so much of the tip's disc. */
const WORTH = 0.15;
/** A tool that would put less of a region right is not taken for it. */
export const HALF = 0.5;

/** Paint what is missing, or erase what is too much, with the tip that does most in a second. */
export function brush(desk, region) {
  const plans = RADII.map((radius) => brushPlan(desk, region, radius / desk.scale));
  const plan = bestPlan(desk, region, plans);
  if (plan) carryOut(desk, plan, desk.tools.brush, { erase: region.value === 0 });
  return plan !== null;
}

/** Paint whole superpixels. */
export function superpixels(desk, region) {
  const units = unitsOf(desk, desk.maps.superpixels, region.value);
  const plans = RADII.map((radius) => unitPlan(desk, region, units, radius / desk.scale));
  const plan = bestPlan(desk, region, plans);
  if (plan) carryOut(desk, plan, desk.tools.superpixels, { erase: region.value === 0 });
  return plan !== null;
}

/** Click blocks, or drag over several with Shift. */
export function blocks(desk, region) {
  const units = unitsOf(desk, desk.maps.blocks, region.value);
  const plan = unitPlan(desk, region, units, 0);
  if (plan.right < HALF * region.area) return false;
  desk.hand.think();
  for (const line of plan.lines) {
    const mods = { erase: region.value === 0, shift: line.length > 1 };
    const isMostlySpecimen = desk.maps.blocks.at(line[0]).share(desk.mask) > HALF;
    // A click on a block that is mostly specimen clears it, so that filling it takes two.
    const times = region.value !== 0 && isMostlySpecimen ? 2 : 1;
    if (line.length === 1 || times === 2) {
      desk.hand.click(line[0], line[0].room, desk.tools.blocks, mods, times);
    }
    if (line.length === 1) continue;
    desk.hand.keys(1);
    // The block that begins the line says what all become, so it begins on one not yet done.
    const rest = times === 2 ? line.slice(leaves(desk, units, line)) : line;
    if (rest.length) desk.hand.drag(rest, desk.tools.blocks, mods);
  }
  return true;
}

function leaves(desk, units, line) {
  const first = units.at(line[0]);
  const place = line.findIndex((point) => units.at(point) !== first);
  return place < 0 ? line.length : place;
}

function carryOut(desk, plan, tool, mods) {
  desk.hand.think();
  desk.hand.keys(plan.keys);
  desk.size.radius = plan.radius;
  for (const line of plan.lines) desk.hand.drag(line, tool, mods);
}

/** The plan that puts most right per second, of those that put half the region right. */
function bestPlan({ hand, size }, region, plans) {
  let [best, most] = [null, 0];
  for (const plan of plans) {
    if (plan.right < HALF * region.area) continue;
    plan.keys = Math.round(Math.abs(Math.log(plan.radius / size.radius)) / Math.log(FINER));
    let [seconds, from] = [THINK + KEY * plan.keys, undefined];
    for (const line of plan.lines) {
      seconds += hand.dragTime(line, from);
      from = line.at(-1);
    }
    const rate = plan.right / seconds;
    if (rate > most) [best, most] = [plan, rate];
  }
  return best;
}

function brushPlan(desk, region, radius) {
  const { width, height } = desk.mask;
  const left = new Uint8Array(width * height);
  for (const at of region.pixels) left[at] = 1;
  const [disc, sparse] = [discOf(radius), discOf(radius, sparseness(radius))];
  const far = desk.farFromWrongSide(region.value);
  let right = 0;
  const over = (places, x, y, visit) => {
    for (const [dx, dy] of places) {
      const [px, py] = [x + dx, y + dy];
      if (px < 0 || py < 0 || px >= width || py >= height || !left[py * width + px]) continue;
      visit(py * width + px);
    }
  };
  const least = SMALLEST / 2 / desk.scale ** 2;
  const lines = planLines({
    width,
    room: (at) => far[at] - radius,
    gain: (x, y) => {
      let count = 0;
      over(sparse, x, y, () => (count += 1));
      return (count * disc.length) / sparse.length;
    },
    take: (x, y) => over(disc, x, y, (at) => {
      left[at] = 0;
      right += 1;
    }),
    box: region.box(Math.ceil(radius), height),
    step: Math.max(1, Math.round(radius / 2)),
    enough: Math.max(least, WORTH * disc.length),
  });
  return { lines, right, radius };
}

/** The pixels of the tip, or one of so many in each direction, which is enough to judge a place. */
function discOf(radius, apart = 1) {
  const reach = apart * Math.floor(radius / apart);
  const disc = [];
  for (let dy = -reach; dy <= reach; dy += apart) {
    for (let dx = -reach; dx <= reach; dx += apart) {
      if (Math.hypot(dx, dy) <= radius) disc.push([dx, dy]);
    }
  }
  return disc;
}

function sparseness(radius) {
  return Math.max(1, Math.floor(radius / 6));
}

/** What painting each region of a map with a value would put right, and where it would do harm. */
function unitsOf({ mask, truth, numbersOf, farFrom }, map, value) {
  const numbers = numbersOf(map);
  const gains = new Int32Array(map.count);
  mask.data.forEach((is, at) => {
    if (is !== value) gains[numbers[at]] += truth[at] === value ? 1 : -1;
  });
  const far = farFrom((at) => gains[numbers[at]] < 0);
  const at = ({ x, y }) => numbers[Math.floor(y) * mask.width + Math.floor(x)];
  return { numbers, gains, far, at };
}

function unitPlan(desk, region, { numbers, gains, far }, radius) {
  const { width, height } = desk.mask;
  const wanted = new Set(Array.from(region.pixels, (at) => numbers[at]));
  const left = new Map([...wanted].filter((id) => gains[id] > 0).map((id) => [id, gains[id]]));
  const disc = discOf(radius, sparseness(radius));
  let right = 0;
  const known = new Map(); // searching comes by the same places again and again
  const under = (x, y) => {
    const met = known.get(y * width + x) ?? new Set();
    if (met.size) return met;
    known.set(y * width + x, met);
    for (const [dx, dy] of disc) {
      const [px, py] = [x + dx, y + dy];
      if (px >= 0 && py >= 0 && px < width && py < height) met.add(numbers[py * width + px]);
    }
    return met;
  };
  const lines = planLines({
    width,
    room: (at) => far[at] - radius - 0.5,
    gain: (x, y) => {
      let sum = 0;
      for (const id of under(x, y)) sum += left.get(id) ?? 0;
      return sum;
    },
    take: (x, y) => {
      for (const id of under(x, y)) {
        right += left.get(id) ?? 0;
        left.delete(id);
      }
    },
    box: region.box(Math.ceil(radius), height),
    step: Math.max(1, Math.round(4 / desk.scale)),
    enough: SMALLEST / desk.scale ** 2,
  });
  return { lines, right, radius: Math.max(radius, 0.5) };
}
