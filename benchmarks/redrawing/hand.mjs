/** A hand that points and draws with a person's precision and a person's time. */

import { united } from "../../static/js/editor/rect.js";
import { BUTTON, drawing, KEY, pointing, THINK } from "./keystrokes.mjs";
import { THINNEST } from "./seeing.mjs";

/** How far the pointer misses what it aims at: standard deviation per axis, in screen pixels. */
const MISS = 1.5;
/** Along a line the error wanders: over so many screen pixels it becomes another one. */
const WANDER = 30;

export class Hand {
  seconds = 0;
  actions = 0;
  own = 0; // seconds spent with the tool that is being measured, not with the brush after it
  #at = { x: 0, y: 0 };

  /** `record(rect)` hears of every finished gesture. */
  constructor(scale, random, record) {
    Object.assign(this, { scale, random, record });
  }

  think() {
    this.seconds += THINK;
  }

  keys(count) {
    this.seconds += count * KEY;
  }

  buttons(count) {
    this.seconds += count * BUTTON;
  }

  /** Move to a point of the picture that may be missed by so many picture pixels; where it ends. */
  point(target, room = 0) {
    this.seconds += this.pointingTime(this.#at, target, room);
    this.#at = target;
    return { x: target.x + this.#error(), y: target.y + this.#error() };
  }

  pointingTime(from, to, room) {
    const distance = Math.hypot(to.x - from.x, to.y - from.y) * this.scale;
    return pointing(distance, Math.max(THINNEST, 2 * room * this.scale));
  }

  click(target, room, tool, mods, times = 1) {
    const point = this.point(target, room);
    for (let i = 0; i < times; i += 1) {
      this.buttons(2);
      this.done([tool.start(point, { ...mods, detail: i + 1 }), tool.end(mods)]);
    }
  }

  /** Draw along points of the picture, each with the room there is to both sides. */
  drag(line, tool, mods) {
    const first = this.point(line[0], line[0].room);
    let error = { x: first.x - line[0].x, y: first.y - line[0].y };
    const rects = [tool.start(first, mods)];
    for (let i = 1; i < line.length; i += 1) {
      const [from, to] = [line[i - 1], line[i]];
      const length = Math.hypot(to.x - from.x, to.y - from.y) * this.scale;
      this.seconds += this.drawingTime(from, to);
      const kept = Math.exp(-length / WANDER);
      const fresh = Math.sqrt(1 - kept ** 2);
      error = { x: kept * error.x + fresh * this.#error(), y: kept * error.y + fresh * this.#error() };
      rects.push(tool.move({ x: to.x + error.x, y: to.y + error.y }, mods));
    }
    this.buttons(2);
    this.#at = line.at(-1);
    this.done([...rects, tool.end(mods)]);
  }

  drawingTime(from, to) {
    const length = Math.hypot(to.x - from.x, to.y - from.y) * this.scale;
    return drawing(length, Math.max(THINNEST, 2 * Math.min(from.room, to.room) * this.scale));
  }

  /** What a line will take, were it drawn from where the hand is. */
  dragTime(line, from = this.#at) {
    let seconds = this.pointingTime(from, line[0], line[0].room) + 2 * BUTTON;
    for (let i = 1; i < line.length; i += 1) seconds += this.drawingTime(line[i - 1], line[i]);
    return seconds;
  }

  /** A gesture that tools were told of already. */
  done(rects) {
    this.actions += 1;
    const rect = rects.reduce(united, null);
    if (rect) this.record(rect);
  }

  /** Normally distributed, in picture pixels. */
  #error() {
    const [one, other] = [this.random(), this.random()];
    const normal = Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * other);
    return (MISS * normal) / this.scale;
  }
}
