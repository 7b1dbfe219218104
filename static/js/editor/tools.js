/**
 * Tools are handlers of a drag: start(point), move(point) and end(), all in picture coordinates.
 * Each may return the rectangle of the mask that it changed.
 */

import { BACKGROUND, SPECIMEN } from "./mask.js";

export const SMALLEST = 1;
export const LARGEST = 400;

/** The size that brush and eraser share: the radius in pixels of the crop. */
export class BrushSize {
  radius = 12;

  scale(factor) {
    const wanted = this.radius * factor;
    this.radius = Math.min(Math.max(wanted, SMALLEST / 2), LARGEST / 2);
  }

  get diameter() {
    return Math.max(1, Math.round(2 * this.radius));
  }
}

class Brush {
  #last = null;

  constructor(mask, size, value) {
    Object.assign(this, { mask, size, value });
  }

  start(point) {
    this.#last = point;
    return this.move(point);
  }

  move(point) {
    const rect = this.mask.stroke(this.#last, point, this.size.radius, this.value);
    this.#last = point;
    return rect;
  }

  end() {
    this.#last = null;
    return null;
  }
}

export function makeTools(mask, size) {
  return {
    brush: new Brush(mask, size, SPECIMEN),
    eraser: new Brush(mask, size, BACKGROUND),
  };
}
