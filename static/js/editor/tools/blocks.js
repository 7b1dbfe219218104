/**
 * Colour blocks: a click makes the block under the pointer specimen, or background if most of it is
 * specimen already; Shift-drag gives the blocks on the way the value of the first. A block is a
 * connected piece of the map; with Alt, all that has the same colour.
 */

import { BACKGROUND, SPECIMEN } from "../mask.js";
import { united } from "../rect.js";

export class Blocks {
  map = null;
  #drag = null;
  #under = null;

  constructor(mask) {
    this.mask = mask;
  }

  start(point, mods) {
    const block = this.map?.at(point, mods?.alt);
    if (!block) return null;
    const isMostlySpecimen = block.share(this.mask) > 0.5;
    const value = mods?.erase || isMostlySpecimen ? BACKGROUND : SPECIMEN;
    this.#drag = { last: point, value, everywhere: mods?.alt, done: new Set([block.number]) };
    return block.paint(this.mask, value);
  }

  move(point, mods) {
    if (!this.#drag) return null;
    const { last, value, everywhere, done } = this.#drag;
    this.#drag.last = point;
    if (!mods?.shift) return null;
    let rect = null;
    this.map.eachUnder(last, point, (number, id) => {
      const own = everywhere ? id : number;
      if (done.has(own)) return;
      done.add(own);
      const block = everywhere ? this.map.region(id) : this.map.piece(number);
      rect = united(rect, block.paint(this.mask, value));
    });
    return rect;
  }

  end() {
    this.#drag = null;
    return null;
  }

  hover(point, mods) {
    const before = this.#under;
    this.#under = this.map?.at(point, mods?.alt) ?? null;
    const now = this.#under;
    const isSame = before?.number === now?.number && before?.numbers === now?.numbers;
    return isSame ? null : (united(before?.cells, now?.cells) ?? null);
  }

  overlay() {
    return this.#under && this.#under.map === this.map ? [this.#under] : [];
  }
}
