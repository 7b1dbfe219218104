/**
 * Polygon: a click adds a point, a point can be dragged, a drag from anywhere else draws freehand. It
 * closes by a click on the first point, a double click, `finish()`, or the end of a line that was
 * drawn freehand as a whole.
 */

import { boundsOf } from "../polygon.js";
import { united } from "../rect.js";

const REACH = 8;
const FREEHAND_SPACING = 0.25; // of the reach: finer than a hand can tell

export class Polygon {
  #points = [];
  #held = null; // the point that the pointer holds
  #pressed = null;
  #hasMoved = false;
  #isFreehand = false;
  #pointer = null;

  constructor(mask, value) {
    Object.assign(this, { mask, value });
  }

  get isOpen() {
    return this.#points.length > 0;
  }

  start(point, mods) {
    const reach = mods?.reach ?? REACH;
    this.#pressed = { point, reach, isFirst: !this.isOpen, before: [...this.#points] };
    this.#hasMoved = false;
    this.#isFreehand = false;
    this.#pointer = null;
    if (mods?.detail >= 2 && this.#points.length >= 3) {
      this.#pressed = null;
      return this.finish();
    }
    this.#held = this.#points.findIndex((each) => isNear(each, point, reach));
    if (this.#held < 0) this.#points.push(point);
    return null;
  }

  move(point) {
    if (!this.#pressed) return null;
    const { point: first, reach } = this.#pressed;
    this.#hasMoved ||= !isNear(first, point, reach / 2);
    if (!this.#hasMoved) return null;
    if (this.#held >= 0) this.#points[this.#held] = point;
    else if (!isNear(this.#points.at(-1), point, reach * FREEHAND_SPACING)) {
      this.#isFreehand = true;
      this.#points.push({ ...point, isDrawn: true });
    }
    return null;
  }

  end() {
    if (!this.#pressed) return null;
    const { isFirst, reach } = this.#pressed;
    this.#pressed = null;
    const isClickOnFirst = this.#held === 0 && !this.#hasMoved && this.#points.length >= 3;
    const isBack = this.#isFreehand && isNear(this.#points.at(-1), this.#points[0], reach);
    const isClosed = isClickOnFirst || (this.#isFreehand && isFirst) || isBack;
    return isClosed ? this.finish() : null;
  }

  giveUp() {
    this.#points = this.#pressed?.before ?? this.#points;
    this.#pressed = null;
    return null;
  }

  /** Close it. With fewer than three points there is nothing to close, and it is given up. */
  finish() {
    const points = this.#points;
    this.cancel();
    return points.length < 3 ? null : this.mask.fillInside(points, this.value);
  }

  back() {
    this.#points.pop();
    return null;
  }

  cancel() {
    this.#points = [];
    this.#pressed = null;
    this.#pointer = null;
    return null;
  }

  hover(point) {
    if (!this.isOpen) return null;
    const ends = [this.#points[0], this.#points.at(-1)];
    const before = this.#pointer ? boundsOf([...ends, this.#pointer]) : null;
    this.#pointer = point;
    return united(before, boundsOf([...ends, point]));
  }

  overlay() {
    if (!this.isOpen) return [];
    const corners = this.#points.filter(({ isDrawn }) => !isDrawn);
    const handles = corners.length === this.#points.length;
    const shapes = [{ points: this.#points, closed: false, handles }];
    // A line drawn freehand has too many points to show: only those that were clicked are handles.
    if (!handles) shapes.push(...corners.map((corner) => ({ points: [corner], handles: true })));
    if (this.#pointer) shapes.push({ line: [this.#points.at(-1), this.#pointer], handles: false });
    return shapes;
  }
}

function isNear(one, other, reach) {
  return Math.hypot(one.x - other.x, one.y - other.y) <= reach;
}
