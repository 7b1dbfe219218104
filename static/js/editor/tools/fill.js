/** Bucket and hole fill: one click each. */

import { fillHole, flood } from "../flood.js";
import { BACKGROUND, SPECIMEN } from "../mask.js";

class Click {
  constructor(mask) {
    this.mask = mask;
  }

  move() {
    return null;
  }

  end() {
    return null;
  }
}

/** Background under the pointer becomes specimen; with Alt or the eraser, specimen background. */
export class Bucket extends Click {
  start({ x, y }, mods) {
    const value = mods?.alt || mods?.erase ? BACKGROUND : SPECIMEN;
    return flood(this.mask, Math.floor(x), Math.floor(y), value);
  }
}

/** The hole under the pointer becomes specimen; background that reaches the picture's edge is none. */
export class Hole extends Click {
  start({ x, y }) {
    return fillHole(this.mask, Math.floor(x), Math.floor(y));
  }
}
