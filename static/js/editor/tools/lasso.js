/** Copying lasso: inside a line drawn freehand the mask becomes what another mask is there. */

export class Lasso {
  source = null; // a mask's pixels, of the same size
  onSourceless = () => {};
  #points = [];

  constructor(mask) {
    this.mask = mask;
  }

  start(point) {
    this.#points = this.source ? [point] : [];
    if (!this.source) this.onSourceless();
    return null;
  }

  move(point) {
    if (this.#points.length) this.#points.push(point);
    return null;
  }

  end() {
    const points = this.#points;
    this.#points = [];
    return points.length < 3 ? null : this.mask.copyInside(points, this.source);
  }

  giveUp() {
    this.#points = [];
    return null;
  }

  overlay() {
    return this.#points.length ? [{ points: this.#points, closed: true, handles: false }] : [];
  }
}
