/** Tools that go round a region, or start from a point in it: polygon, wand, copying lasso. */

import { HALF } from "./tips.mjs";
import { distances, THINNEST } from "./seeing.mjs";

/** A lasso is drawn so far outside what it is to hold, in screen pixels. */
const AROUND = 10;
/** The wand's tolerance moves one step over so many screen pixels: 1.5 reaches of 8. */
const REACH = 8;
const PER_STEP = 12;

/**
 * Click round the region, with as many corners as it takes to leave nothing wrong that is seen; a
 * double click on the last one closes it.
 */
export function polygon(desk, region) {
  const { hand, scale, tools } = desk;
  const corners = simplified(outlineOf(desk, region.pixels), THINNEST / scale);
  if (corners.length < 3) return false;
  const far = desk.farFromWrongSide(region.value);
  const tool = region.value ? tools.polygon : tools.cut;
  const mods = { reach: 2 / scale };
  hand.think();
  hand.keys(1);
  corners.forEach((corner, i) => {
    const times = i === corners.length - 1 ? 2 : 1;
    const at = Math.floor(corner.y) * desk.mask.width + Math.floor(corner.x);
    hand.click(corner, far[at] ?? 0, tool, mods, times);
  });
  if (tool.isOpen) hand.done([tool.finish()]);
  return true;
}

/** Click in the middle of the region and drag to the tolerance that puts most right. */
export function wand(desk, region) {
  const { hand, scale, tools } = desk;
  const { point, room } = deepest(desk, region.pixels);
  const mods = { alt: region.value === 0, reach: REACH / scale };
  hand.think();
  const aimed = hand.point(point, room);
  hand.buttons(1);
  const before = desk.wrong();
  const rects = [tools.wand.start(aimed, mods)];
  const first = tools.wand.step;
  const at = (step) => ({ x: aimed.x + ((step - first) * PER_STEP) / scale, y: aimed.y });
  let [best, least] = [first, desk.wrong()];
  for (let step = 0; step < 48; step += 1) {
    rects.push(tools.wand.move(at(step), mods));
    const wrong = desk.wrong();
    if (wrong < least) [best, least] = [step, wrong];
  }
  hand.think(); // looking while the mask grows and shrinks
  hand.point(at(best), PER_STEP / 2 / scale);
  rects.push(tools.wand.move(at(best), mods), tools.wand.end(mods));
  hand.buttons(1);
  hand.done(rects);
  if (before - least < HALF * region.area) desk.undo(1, before);
  return true;
}

/** Copy the region from that other candidate which is right there. */
export function lasso(desk, region) {
  const { hand, scale, tools, truth, others } = desk;
  const right = others.map((other) => region.pixels.filter((at) => other[at] === truth[at]).length);
  const best = right.indexOf(Math.max(...right));
  if (best < 0 || right[best] < HALF * region.area) return false;
  hand.think();
  if (desk.source !== best) {
    hand.buttons(2);
    hand.point({ x: desk.mask.width, y: 0 }, 10 / scale); // the list beside the picture
    desk.source = best;
    tools.lasso.source = others[best];
  }
  const around = widened(desk, region.pixels, AROUND / scale);
  const line = simplified(outlineOf(desk, around), THINNEST / scale);
  const withRoom = [...line, line[0]].map((point) => ({ ...point, room: AROUND / 2 / scale }));
  hand.drag(withRoom, tools.lasso, {});
  return true;
}

function deepest({ mask }, pixels) {
  const inside = new Uint8Array(mask.data.length);
  for (const at of pixels) inside[at] = 1;
  const far = distances(mask.width, mask.height, (at) => !inside[at]);
  const at = pixels.reduce((best, each) => (far[each] > far[best] ? each : best), pixels[0]);
  const point = { x: (at % mask.width) + 0.5, y: Math.floor(at / mask.width) + 0.5 };
  return { point, room: far[at] };
}

function widened({ mask }, pixels, by) {
  const inside = new Uint8Array(mask.data.length);
  for (const at of pixels) inside[at] = 1;
  const far = distances(mask.width, mask.height, (at) => inside[at]);
  return Array.from(far.keys()).filter((at) => far[at] <= by);
}

/** The outer border of connected pixels, corner by corner, clockwise. */
export function outlineOf({ mask: { width, height } }, pixels) {
  const inside = new Uint8Array(width * height);
  for (const at of pixels) inside[at] = 1;
  const has = (x, y) => x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x] === 1;
  const first = pixels.reduce((least, at) => Math.min(least, at), Infinity);
  const start = { x: first % width, y: Math.floor(first / width) };
  let { x, y } = start;
  let [dx, dy] = [1, 0];
  const line = [];
  do {
    line.push({ x, y });
    [x, y] = [x + dx, y + dy];
    // The pixels ahead, on the right (1) and left (-1) of the way; inside is kept on the right.
    const ahead = (side) => has(x + (dx - side * dy - 1) / 2, y + (dy + side * dx - 1) / 2);
    if (ahead(-1)) [dx, dy] = [dy, -dx];
    else if (!ahead(1)) [dx, dy] = [-dy, dx];
  } while (x !== start.x || y !== start.y || dx !== 1 || dy !== 0);
  return line;
}

/** Fewer points, none of the left out ones further than `most` from the line (Douglas, Peucker). */
function simplified(line, most) {
  const half = Math.floor(line.length / 2);
  return [...cut(line.slice(0, half + 1), most).slice(0, -1), ...cut([...line.slice(half), line[0]], most).slice(0, -1)];
}

function cut(line, most) {
  const [from, to] = [line[0], line.at(-1)];
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  let [worst, place] = [most, -1];
  line.forEach((point, i) => {
    const area = (to.x - from.x) * (point.y - from.y) - (to.y - from.y) * (point.x - from.x);
    const off = length ? Math.abs(area) / length : Math.hypot(point.x - from.x, point.y - from.y);
    if (off > worst) [worst, place] = [off, i];
  });
  if (place < 0) return [from, to];
  return [...cut(line.slice(0, place + 1), most).slice(0, -1), ...cut(line.slice(place), most)];
}
