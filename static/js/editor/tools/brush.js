/** Brush and eraser: a round tip, drawn from point to point. */

import { BACKGROUND } from "../mask.js";

export const SMALLEST = 1;
export const LARGEST = 400;

/** The size that brush, eraser and superpixel brush share: the radius in pixels of the crop. */
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

export class Brush {
  #last = null;
  #value;

  constructor(mask, size, value) {
    Object.assign(this, { mask, size, value });
  }

  start(point, mods) {
    this.#last = point;
    this.#value = mods?.erase ? BACKGROUND : this.value;
    return this.move(point);
  }

  move(point) {
    const rect = this.mask.stroke(this.#last, point, this.size.radius, this.#value);
    this.#last = point;
    return rect;
  }

  end() {
    this.#last = null;
    return null;
  }
}
