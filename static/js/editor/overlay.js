/** What lies above the picture and is no part of the mask: shapes of tools, outlines of regions. */

const CELLS = "rgb(255 214 0 / 38%)";
const DARK = "rgb(0 0 0 / 75%)";
const LIGHT = "white";
const HANDLE = 4;

export class Overlay {
  #asked = false;

  /** `shapes()` lists those of the present tool; `regions()` gives the outlines of its map, or null. */
  constructor(canvas, { easel, shapes, regions }) {
    Object.assign(this, { canvas, view: easel.view, below: easel.canvas, shapes, regions });
    easel.onDrawn((rect) => rect || this.drawNow());
    this.context = canvas.getContext("2d");
  }

  /** Before the next frame, however often it is asked for. */
  draw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => this.#asked && this.drawNow());
  }

  /** With the picture below, whose size it takes. */
  drawNow() {
    this.#asked = false;
    const { context, view, canvas, below } = this;
    if (canvas.width !== below.width) canvas.width = below.width;
    if (canvas.height !== below.height) canvas.height = below.height;
    const { x, y, scale } = view;
    context.resetTransform();
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(scale, 0, 0, scale, x, y);
    this.pixel = devicePixelRatio / scale;
    const regions = this.regions();
    if (regions) this.#regions(regions);
    for (const shape of this.shapes()) this.#shape(shape);
  }

  #regions({ picture, width, height }) {
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(picture, 0, 0, width, height);
  }

  #shape(shape) {
    if (shape.cells) {
      const path = new Path2D();
      shape.each((left, top, right, bottom) => path.rect(left, top, right - left, bottom - top));
      this.context.fillStyle = CELLS;
      this.context.fill(path);
      return;
    }
    const points = shape.points ?? shape.line;
    const path = new Path2D();
    for (const { x, y } of points) path.lineTo(x, y);
    if (shape.closed) path.closePath();
    this.#line(path, LIGHT);
    if (shape.handles) points.forEach((point, place) => this.#handle(point, place === 0));
  }

  /** A dark rim makes it visible on whatever lies below. */
  #line(path, colour) {
    for (const [style, width] of [[DARK, 3.5], [colour, 1.75]]) {
      this.context.strokeStyle = style;
      this.context.lineWidth = width * this.pixel;
      this.context.stroke(path);
    }
  }

  #handle({ x, y }, isFirst) {
    const reach = (isFirst ? HANDLE + 2 : HANDLE) * this.pixel;
    const path = new Path2D();
    path.rect(x - reach, y - reach, 2 * reach, 2 * reach);
    this.context.fillStyle = LIGHT;
    this.context.fill(path);
    this.#line(path, LIGHT);
  }
}
