/** Which tiles are in sight, and where they lie: sizes in CSS pixels, nothing drawn here. */

const GAP = 8;
const CAPTION = 24;
const RATIO = 3 / 4;

export class Layout {
  /** `width` of the field, `tile` wide at least: tiles grow until a row is full. */
  constructor({ count, width, tile }) {
    this.count = count;
    this.columns = Math.max(1, Math.floor((width + GAP) / (tile + GAP)));
    this.tileWidth = Math.floor((width - GAP * (this.columns - 1)) / this.columns);
    this.tileHeight = Math.round(this.tileWidth * RATIO) + CAPTION;
  }

  get rowHeight() {
    return this.tileHeight + GAP;
  }

  get rows() {
    return Math.ceil(this.count / this.columns);
  }

  get height() {
    return Math.max(0, this.rows * this.rowHeight - GAP);
  }

  place(index) {
    const [row, column] = [Math.floor(index / this.columns), index % this.columns];
    return { x: column * (this.tileWidth + GAP), y: row * this.rowHeight };
  }

  /** First tile and the one after the last, with some rows more on each side. */
  range(top, viewport, more = 0) {
    const first = Math.max(0, Math.floor(top / this.rowHeight) - more);
    const last = Math.min(this.rows, Math.ceil((top + viewport) / this.rowHeight) + more);
    return {
      first: Math.min(this.count, first * this.columns),
      last: Math.max(0, Math.min(this.count, last * this.columns)),
    };
  }

  /** Where to scroll so that a tile is wholly in sight; where it is already if it is. */
  scrollFor(index, top, viewport) {
    const { y } = this.place(index);
    if (y < top) return y;
    const bottom = y + this.tileHeight;
    return bottom > top + viewport ? bottom - viewport : top;
  }

  /** The tile that an arrow key leads to. */
  next(index, key, viewport) {
    const page = Math.max(1, Math.floor(viewport / this.rowHeight)) * this.columns;
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns,
      PageUp: -page, PageDown: page, Home: -this.count, End: this.count,
    };
    const wanted = index + steps[key];
    const isOutside = wanted < 0 || wanted >= this.count;
    if (isOutside && ["ArrowUp", "ArrowDown"].includes(key)) return index;
    return Math.min(Math.max(wanted, 0), this.count - 1);
  }
}
