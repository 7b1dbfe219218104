/**
 * Undo and redo of strokes. A step is the pixels that a stroke turned over, as runs: where each
 * begins and ends in the mask. Turning them over again undoes it, and once more redoes it. A long
 * stroke touches a large rectangle but few runs of each row, so a step is small whatever its way.
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
    const runs = this.#difference(rect);
    if (!runs.length) return false;
    this.#done.push(runs);
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

  /** Give up a stroke that was not recorded. */
  revert({ left, top, right, bottom }) {
    const { data, width } = this.mask;
    for (let y = top; y < bottom; y += 1) {
      const [start, end] = [y * width + left, y * width + right];
      data.set(this.before.subarray(start, end), start);
    }
  }

  #move(from, to) {
    const runs = from.pop();
    if (!runs) return null;
    to.push(runs);
    return this.#turnOver(runs);
  }

  /** The runs of pixels that differ from before, which they then are. */
  #difference({ left, top, right, bottom }) {
    const { data, width } = this.mask;
    const { before } = this;
    const runs = [];
    for (let y = top; y < bottom; y += 1) {
      const end = y * width + right;
      let at = this.#nextDifference(y * width + left, end);
      while (at < end) {
        runs.push(at);
        while (at < end && data[at] !== before[at]) {
          before[at] = data[at];
          at += 1;
        }
        runs.push(at);
        at = this.#nextDifference(at, end);
      }
    }
    return Uint32Array.from(runs);
  }

  /** Four at a time where they lie so, because nearly all are equal. */
  #nextDifference(from, end) {
    const { data } = this.mask;
    const { before } = this;
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length >> 2);
    const wordsBefore = new Uint32Array(before.buffer, 0, before.length >> 2);
    let at = from;
    while (at < end && data[at] === before[at]) {
      if ((at & 3) === 0 && at + 4 <= end && words[at >> 2] === wordsBefore[at >> 2]) at += 4;
      else at += 1;
    }
    return at;
  }

  /** Returns the smallest rectangle that holds the runs. */
  #turnOver(runs) {
    const { data, width } = this.mask;
    let [left, right] = [width, 0];
    for (let i = 0; i < runs.length; i += 2) {
      const [start, end] = [runs[i], runs[i + 1]];
      for (let at = start; at < end; at += 1) {
        data[at] = 255 - data[at];
        this.before[at] = data[at];
      }
      left = Math.min(left, start % width);
      right = Math.max(right, ((end - 1) % width) + 1);
    }
    const bottom = Math.floor((runs.at(-1) - 1) / width) + 1;
    return { left, top: Math.floor(runs[0] / width), right, bottom };
  }
}
