/**
 * The wand: a click takes the connected region of like colour, dragging right or up takes more, left
 * or down less. The mask shows it all the while.
 */

import { colourAround, stepOf, TOLERANCES } from "../colours.js";
import { FOUND, Levels } from "../levels.js";
import { BACKGROUND, SPECIMEN } from "../mask.js";
import { united } from "../rect.js";

const CHANGED = FOUND + 1;
const PIXELS_PER_STEP = 250_000;
const PIXELS_PER_MOVE = 100_000; // several moves come between two frames
const REACHES_PER_STEP = 1.5;
const FIRST_STEP = 9;

export class Wand {
  step = FIRST_STEP;
  #levels = null;
  #drag = null;

  constructor(mask) {
    this.mask = mask;
  }

  /** RGBA bytes of the crop. */
  set pixels(bytes) {
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }

  /** How far a channel may differ from the colour clicked on, 0 to 255; kept for the next click. */
  get tolerance() {
    return TOLERANCES[this.step];
  }

  start(point, mods) {
    const { width, height } = this.mask;
    const [x, y] = [Math.floor(point.x), Math.floor(point.y)];
    if (!this.words || !(x >= 0 && y >= 0 && x < width && y < height)) return null;
    this.#levels ??= new Levels(width, height, TOLERANCES.length);
    const { words } = this;
    const [red, green, blue] = colourAround(words, width, height, x, y);
    this.#levels.start(y * width + x, (at) => stepOf(words[at], red, green, blue));
    const value = mods?.alt || mods?.erase ? BACKGROUND : SPECIMEN;
    const perStep = REACHES_PER_STEP * (mods?.reach ?? 8);
    this.#drag = { point, value, perStep, from: this.step, shown: -1 };
    return this.#show(PIXELS_PER_STEP);
  }

  move(point) {
    if (!this.#drag) return null;
    const { point: first, from, perStep, shown } = this.#drag;
    const dragged = Math.round((point.x - first.x - (point.y - first.y)) / perStep);
    this.step = Math.min(Math.max(from + dragged, 0), TOLERANCES.length - 1);
    return this.#show(this.step === shown ? PIXELS_PER_MOVE : PIXELS_PER_STEP);
  }

  end() {
    if (!this.#drag) return null;
    const rect = this.#show(Infinity);
    this.#drag = null;
    return rect;
  }

  giveUp() {
    this.#drag = null;
    return null;
  }

  /** Take or give back the spans between the tolerance that is shown and the present one. */
  #show(most) {
    const { data } = this.mask;
    const { marks } = this.#levels;
    const { shown, value } = this.#drag;
    const take = (start, end) => {
      for (let at = start; at < end; at += 1) {
        if (data[at] === value) continue;
        data[at] = value;
        marks[at] = CHANGED;
      }
    };
    const giveBack = (start, end) => {
      for (let at = start; at < end; at += 1) {
        if (marks[at] !== CHANGED) continue;
        data[at] = 255 - value;
        marks[at] = FOUND;
      }
    };
    this.#drag.shown = this.step;
    if (this.step < shown) return this.#levels.eachFound(this.step, shown, giveBack);
    const again = this.#levels.eachFound(shown, this.step, take);
    return united(again, this.#levels.find(this.step, most, take));
  }
}
