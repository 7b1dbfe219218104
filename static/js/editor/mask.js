/** The mask that is being drawn: one byte per pixel of the crop, 255 specimen, 0 background. */

import { eachCovered } from "./capsule.js";
import { eachInside } from "./polygon.js";

export const SPECIMEN = 255;
export const BACKGROUND = 0;

export class Mask {
  constructor(width, height, data = new Uint8Array(width * height)) {
    Object.assign(this, { width, height, data });
  }

  get isEmpty() {
    return !this.data.includes(SPECIMEN);
  }

  /**
   * Fill what a round brush covers on its way from one point to another; returns the rectangle
   * touched. A pixel is covered when its centre is; a point lies in the pixel that contains it.
   */
  stroke(from, to, radius, value) {
    return eachCovered(from, to, radius, this.width, this.height, (y, left, right) => {
      this.data.fill(value, y * this.width + left, y * this.width + right);
    });
  }

  /** Fill the inside of a closed line; returns the rectangle touched. */
  fillInside(points, value) {
    return eachInside(points, this.width, this.height, (y, left, right) => {
      this.data.fill(value, y * this.width + left, y * this.width + right);
    });
  }

  /** Take over another mask's pixels inside a closed line; returns the rectangle touched. */
  copyInside(points, source) {
    return eachInside(points, this.width, this.height, (y, left, right) => {
      const [start, end] = [y * this.width + left, y * this.width + right];
      this.data.set(source.subarray(start, end), start);
    });
  }

  /** Take over a whole mask; returns the smallest rectangle that holds what changed, or null. */
  replace(data) {
    const { width, height } = this;
    const rect = { left: width, top: height, right: 0, bottom: 0 };
    for (let y = 0; y < height; y += 1) {
      const [start, end] = [y * width, (y + 1) * width];
      let first = start;
      while (first < end && this.data[first] === data[first]) first += 1;
      if (first === end) continue;
      let last = end - 1;
      while (this.data[last] === data[last]) last -= 1;
      rect.left = Math.min(rect.left, first - start);
      rect.right = Math.max(rect.right, last - start + 1);
      rect.top = Math.min(rect.top, y);
      rect.bottom = y + 1;
    }
    this.data.set(data);
    return rect.right ? rect : null;
  }
}
