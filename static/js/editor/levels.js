/**
 * The regions of like colour round a place, for all tolerances at once: a pixel's level is the least
 * tolerance at which it hangs together (over sides) with the place. Pixels are found in the order of
 * their levels, a row's span at a time, with a bucket of waiting pixels for each level. So raising
 * the tolerance goes on where it stopped, and both ways only what lies between is touched.
 */

import { Numbers } from "./numbers.js";
import { united } from "./rect.js";

const UNKNOWN = 255;
const UNSEEN = 0;
const WAITING = 1;
export const FOUND = 2;

export class Levels {
  /** `count`: how many levels there are; a pixel's step is the level it would have by itself. */
  constructor(width, height, count) {
    Object.assign(this, { width, height, count });
    this.steps = new Uint8Array(width * height);
    this.marks = new Uint8Array(width * height);
  }

  /** Begin anew from a pixel, whatever its own step; `stepOf(at)` tells a pixel's when it is met. */
  start(at, stepOf) {
    this.stepOf = stepOf;
    this.steps.fill(UNKNOWN);
    this.marks.fill(UNSEEN);
    this.waiting = Array.from({ length: this.count }, () => new Numbers());
    this.found = Array.from({ length: this.count }, () => new Numbers());
    this.rects = new Array(this.count).fill(null);
    this.lowest = 0;
    this.waiting[0].push(at);
  }

  /** Visit the spans that are found of the levels above one and up to another; their rectangle. */
  eachFound(above, upTo, visit) {
    let rect = null;
    for (let level = above + 1; level <= upTo; level += 1) {
      const { items, length } = this.found[level];
      for (let i = 0; i < length; i += 2) visit(items[i], items[i + 1]);
      rect = united(rect, this.rects[level]);
    }
    return rect;
  }

  /** Find more up to a level, about `most` pixels, and visit their spans; returns their rectangle. */
  find(upTo, most, visit) {
    let [rect, left] = [null, most];
    while (this.lowest <= upTo && left > 0) {
      const waiting = this.waiting[this.lowest];
      if (waiting.length === 0) {
        this.lowest += 1;
        continue;
      }
      const at = waiting.pop();
      if (this.marks[at] >= FOUND) continue;
      const span = this.#spanAt(at, this.lowest);
      visit(span.start, span.end);
      left -= span.end - span.start;
      rect = widened(rect, span);
      this.rects[this.lowest] = widened(this.rects[this.lowest], span);
    }
    return rect;
  }

  #step(at) {
    if (this.steps[at] === UNKNOWN) this.steps[at] = this.stepOf(at);
    return this.steps[at];
  }

  #spanAt(at, level) {
    const { width, height, marks } = this;
    const y = Math.floor(at / width);
    const row = y * width;
    let [start, end] = [at, at + 1];
    while (start > row && marks[start - 1] < FOUND && this.#step(start - 1) <= level) start -= 1;
    while (end < row + width && marks[end] < FOUND && this.#step(end) <= level) end += 1;
    marks.fill(FOUND, start, end);
    this.found[level].push(start);
    this.found[level].push(end);
    if (start > row) this.#look(start - 1, start, level);
    if (end < row + width) this.#look(end, end + 1, level);
    for (const near of [y - 1, y + 1]) {
      if (near < 0 || near === height) continue;
      this.#look(start + (near - y) * width, end + (near - y) * width, level);
    }
    return { start, end, y, left: start - row, right: end - row };
  }

  /** Let neighbours wait for their level; of those that are like enough, one of each span will do. */
  #look(from, to, level) {
    const { marks, waiting } = this;
    let isAlike = false;
    for (let at = from; at < to; at += 1) {
      const isFree = marks[at] === UNSEEN;
      const step = isFree ? this.#step(at) : UNKNOWN;
      if (isFree && step > level) {
        marks[at] = WAITING;
        waiting[step].push(at);
      } else if (isFree && !isAlike) waiting[level].push(at);
      isAlike = isFree && step <= level;
    }
  }
}

function widened(rect, { left, right, y }) {
  if (!rect) return { left, top: y, right, bottom: y + 1 };
  rect.left = Math.min(rect.left, left);
  rect.right = Math.max(rect.right, right);
  rect.top = Math.min(rect.top, y);
  rect.bottom = Math.max(rect.bottom, y + 1);
  return rect;
}
