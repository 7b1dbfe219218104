/**
 * The axis for mirroring: its ends can be dragged, and the line between them moves it as a whole. It
 * changes nothing; the operation `mirror` of operations.js takes its `axis`.
 */

import { likelyAxis } from "../symmetry.js";

const REACH = 8;

export class Mirror {
  #axis = null;
  #drag = null;

  constructor(mask) {
    this.mask = mask;
  }

  /** {from, to}: where the person put it, or where the mask looks most symmetric. */
  get axis() {
    this.#axis ??= likelyAxis(this.mask);
    return this.#axis;
  }

  start(point, mods) {
    const reach = mods?.reach ?? REACH;
    const { from, to } = this.axis;
    if (distance(point, from) <= reach) this.#drag = { point, ends: ["from"] };
    else if (distance(point, to) <= reach) this.#drag = { point, ends: ["to"] };
    else if (offLine(point, from, to) <= reach) this.#drag = { point, ends: ["from", "to"] };
    return null;
  }

  move(point) {
    if (!this.#drag) return null;
    const [dx, dy] = [point.x - this.#drag.point.x, point.y - this.#drag.point.y];
    const moved = { ...this.axis };
    for (const end of this.#drag.ends) moved[end] = { x: moved[end].x + dx, y: moved[end].y + dy };
    this.#axis = moved;
    this.#drag.point = point;
    return null;
  }

  end() {
    this.#drag = null;
    return null;
  }

  /** Forget where it was put: the next look finds it anew from the mask. */
  cancel() {
    this.#axis = null;
    this.#drag = null;
    return null;
  }

  overlay() {
    return [{ line: [this.axis.from, this.axis.to], handles: true }];
  }
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

/** How far a point lies from the endless line through two others. */
function offLine(point, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return Math.abs((point.x - from.x) * dy - (point.y - from.y) * dx) / Math.hypot(dx, dy);
}
