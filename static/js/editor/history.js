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

  #difference(rect) {
    const bits = new Uint8Array(Math.ceil(area(rect) / 8));
    let changed = false;
    eachPixel(rect, this.mask.width, (at, place) => {
      if (this.mask.data[at] === this.before[at]) return;
      this.before[at] = this.mask.data[at];
      bits[place >> 3] |= 1 << (place & 7);
      changed = true;
    });
    return changed ? bits : null;
  }

  #turnOver({ rect, bits }) {
    eachPixel(rect, this.mask.width, (at, place) => {
      if (!(bits[place >> 3] & (1 << (place & 7)))) return;
      this.mask.data[at] = 255 - this.mask.data[at];
      this.before[at] = this.mask.data[at];
    });
  }
}

function area({ left, top, right, bottom }) {
  return (right - left) * (bottom - top);
}

function eachPixel({ left, top, right, bottom }, width, visit) {
  let place = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) visit(y * width + x, place++);
  }
}
