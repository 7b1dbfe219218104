/** Two fingers: tells how far their middle moved and how much they spread, in stage pixels. */

export class Pinch {
  #fingers = new Map();

  constructor(element, { onStart = () => {}, onMove }) {
    Object.assign(this, { element, onStart, onMove });
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      element.addEventListener(end, ({ pointerId }) => this.#fingers.delete(pointerId));
    }
  }

  get isActive() {
    return this.#fingers.size > 1;
  }

  #down(event) {
    if (event.pointerType !== "touch") return;
    this.#fingers.set(event.pointerId, this.#place(event));
    if (this.#fingers.size === 2) this.onStart();
  }

  #move(event) {
    if (!this.isActive || !this.#fingers.has(event.pointerId)) return;
    const before = span([...this.#fingers.values()]);
    this.#fingers.set(event.pointerId, this.#place(event));
    const after = span([...this.#fingers.values()]);
    const moved = { dx: after.x - before.x, dy: after.y - before.y };
    this.onMove({ ...after, ...moved, factor: after.length / before.length });
  }

  #place({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: (clientX - left) * devicePixelRatio, y: (clientY - top) * devicePixelRatio };
  }
}

function span([one, other]) {
  const length = Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, length };
}
