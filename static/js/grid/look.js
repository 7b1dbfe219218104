/** Fill colour and size of the tiles, as the person left them. */

import { FILLS } from "../review/compose.js";

const FILL = "mothmask.fill"; // the review page's own place: one colour for both
const SIZE = "mothmask.tile-size";
const BATCH = "mothmask.batch-size";
export const SIZES = [120, 150, 180, 220, 270, 320];

export class GridLook {
  constructor(storage) {
    this.storage = storage;
    const fill = storage.getItem(FILL);
    const size = Number(storage.getItem(SIZE));
    this.fill = FILLS.includes(fill) ? fill : FILLS[0];
    this.size = SIZES.includes(size) ? size : 180;
    this.batchSize = Number(storage.getItem(BATCH)) || 100;
  }

  nextFill() {
    this.fill = FILLS[(FILLS.indexOf(this.fill) + 1) % FILLS.length];
    this.storage.setItem(FILL, this.fill);
  }

  resize(step) {
    const place = SIZES.indexOf(this.size) + step;
    this.size = SIZES[Math.min(Math.max(place, 0), SIZES.length - 1)];
    this.storage.setItem(SIZE, String(this.size));
  }

  chooseBatch(size) {
    this.batchSize = size;
    this.storage.setItem(BATCH, String(size));
  }
}
