/**
 * The mask at half, a quarter, an eighth … of its size, kept up to date rectangle by rectangle, so
 * that a fitted picture or a small map is drawn from few pixels.
 *
 * A cell says how much of it is specimen: 0 only where there is none, 255 only where all is.
 */

import { whole } from "./rect.js";

const SMALLEST = 128;

export class Pyramid {
  /** The first level is the mask itself. */
  constructor(mask) {
    this.levels = [mask];
    let { width, height } = mask;
    while (Math.max(width, height) > SMALLEST) {
      [width, height] = [Math.ceil(width / 2), Math.ceil(height / 2)];
      this.levels.push({ width, height, data: new Uint8Array(width * height) });
    }
    this.changed(whole(mask));
  }

  /** The mask has changed within this rectangle. */
  changed(rect) {
    let { left, top, right, bottom } = rect;
    for (let number = 1; number < this.levels.length; number += 1) {
      [left, top] = [left >> 1, top >> 1];
      [right, bottom] = [(right + 1) >> 1, (bottom + 1) >> 1];
      summarise(this.levels[number - 1], this.levels[number], { left, top, right, bottom });
    }
  }

  /** The number of the level whose cells are at most as large as a stage pixel. */
  finerThan(scale) {
    return this.#bounded(Math.floor(Math.log2(1 / scale)));
  }

  /** The number of the level none of whose cells falls between two stage pixels. */
  coarserThan(scale) {
    return this.#bounded(Math.ceil(Math.log2(1 / scale)));
  }

  #bounded(number) {
    return Math.min(Math.max(0, number), this.levels.length - 1);
  }
}

function summarise(finer, coarser, { left, top, right, bottom }) {
  const [{ width, height, data }, cells] = [finer, coarser.data];
  for (let y = top; y < bottom; y += 1) {
    const upper = 2 * y * width;
    const lower = Math.min(2 * y + 1, height - 1) * width;
    for (let x = left; x < right; x += 1) {
      const [one, other] = [2 * x, Math.min(2 * x + 1, width - 1)];
      const sum = data[upper + one] + data[upper + other] + data[lower + one] + data[lower + other];
      cells[y * coarser.width + x] = (sum >> 2) + (sum > 0 && sum < 4 ? 1 : 0);
    }
  }
}
