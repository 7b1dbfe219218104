/**
 * Undo and redo of strokes. A step is the set of pixels that a stroke turned over, one bit each,
 * within the stroke's rectangle; turning them over again undoes it, and once more redoes it.
 */

const DEPTH = 200;

export class History {
  #done = [];
  #undone = [];

  constructor(mask) {
    this.mask = mask;
    this.before = mask.data.slice();
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** Keep what a finished stroke changed within its rectangle; false when it changed nothing. */
  record(rect) {
    const bits = this.#difference(rect);
    if (!bits) return false;
    this.#done.push({ rect, bits });
    if (this.#done.length > DEPTH) this.#done.shift();
    this.#undone = [];
    return true;
  }

  /** Returns the rectangle to be drawn again, or null. */
  undo() {
    return this.#move(this.#done, this.#undone);
  }

  redo() {
    return this.#move(this.#undone, this.#done);
  }

  #move(from, to) {
    const step = from.pop();
    if (!step) return null;
    this.#turnOver(step);
    to.push(step);
    return step.rect;
  }

  /** Give up a stroke that was not recorded. */
  revert({ left, top, right, bottom }) {
    const { data, width } = this.mask;
    for (let y = top; y < bottom; y += 1) {
      const [start, end] = [y * width + left, y * width + right];
      data.set(this.before.subarray(start, end), start);
    }
  }

  #difference({ left, top, right, bottom }) {
    const { data, width } = this.mask;
    const bits = new Uint8Array(Math.ceil(((right - left) * (bottom - top)) / 8));
    let [place, changed] = [0, false];
    for (let y = top; y < bottom; y += 1) {
      for (let at = y * width + left; at < y * width + right; at += 1, place += 1) {
        if (data[at] === this.before[at]) continue;
        this.before[at] = data[at];
        bits[place >> 3] |= 1 << (place & 7);
        changed = true;
      }
    }
    return changed ? bits : null;
  }

  #turnOver({ rect: { left, top, right }, bits }) {
    const across = right - left;
    for (let place = 0; place < 8 * bits.length; place += 1) {
      const eight = bits[place >> 3];
      if (eight === 0) place |= 7; // nothing in these eight: go on behind them
      else if (eight & (1 << (place & 7))) {
        const y = top + Math.floor(place / across);
        const at = y * this.mask.width + left + (place % across);
        this.mask.data[at] = 255 - this.mask.data[at];
        this.before[at] = this.mask.data[at];
      }
    }
  }
}
