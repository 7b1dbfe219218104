/**
 * Superpixel brush: each superpixel that the round tip meets is painted as a whole, so that the edge
 * snaps to the wing. With Alt or the eraser it takes away.
 */

import { BACKGROUND, SPECIMEN } from "../mask.js";
import { united } from "../rect.js";

export class Superpixels {
  map = null;
  #drag = null;
  #under = [];

  constructor(mask, size) {
    Object.assign(this, { mask, size });
  }

  start(point, mods) {
    if (!this.map) return null;
    const value = mods?.alt || mods?.erase ? BACKGROUND : SPECIMEN;
    this.#drag = { last: point, value, done: new Uint8Array(this.map.count) };
    return this.move(point);
  }

  move(point) {
    if (!this.#drag) return null;
    const { last, value, done } = this.#drag;
    let rect = null;
    this.map.eachTouched(last, point, this.size.radius, (number) => {
      if (done[number]) return;
      done[number] = 1;
      rect = united(rect, this.map.piece(number).paint(this.mask, value));
    });
    this.#drag.last = point;
    this.#lookUnder(point);
    return rect;
  }

  end() {
    this.#drag = null;
    return null;
  }

  hover(point) {
    return this.map ? this.#lookUnder(point) : null;
  }

  overlay() {
    return this.#under;
  }

  #lookUnder(point) {
    const numbers = new Set();
    this.map.eachTouched(point, point, this.size.radius, (number) => numbers.add(number));
    const before = this.#under;
    const isSame = before.length === numbers.size && before.every((one) => numbers.has(one.number));
    if (isSame) return null;
    this.#under = Array.from(numbers, (number) => this.map.piece(number));
    return [...before, ...this.#under].reduce((rect, { cells }) => united(rect, cells), null);
  }
}
