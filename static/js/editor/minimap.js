/**
 * The whole picture and mask in a corner while the easel shows a part: the part is framed, and a
 * click or a drag moves it. The canvas stands over the easel, hidden at first; its size on the page
 * is set here. While the picture is fitted there is nothing to find, and the map is hidden.
 */

import { BLUE, fillBackground } from "./cover.js";

const SIDE = 180;
const STRENGTH = 0.5;
/** Milliseconds: strokes may show here a little later than under the brush. */
const PAUSE = 100;

export class MiniMap {
  #timer = null;

  constructor(canvas, easel) {
    Object.assign(this, { canvas, easel });
    const { width, height } = easel.mask;
    this.scale = (SIDE * devicePixelRatio) / Math.max(width, height);
    canvas.width = Math.max(1, Math.round(width * this.scale));
    canvas.height = Math.max(1, Math.round(height * this.scale));
    canvas.style.width = `${canvas.width / devicePixelRatio}px`;
    this.context = canvas.getContext("2d");
    this.picture = smaller(easel.bitmap, canvas);
    easel.onDrawn((rect) => (rect ? this.#plan() : this.#draw()));
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    this.#draw();
  }

  #plan() {
    if (this.canvas.hidden) return;
    this.#timer ??= setTimeout(() => this.#draw(), PAUSE);
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const { canvas, context, easel } = this;
    canvas.hidden = easel.view.fitted;
    if (canvas.hidden) return;
    context.drawImage(this.picture, 0, 0);
    context.drawImage(this.#covered(), 0, 0);
    const { left, top, right, bottom } = easel.view.visible;
    const frame = [left, top, right - left, bottom - top].map((each) => each * this.scale);
    for (const [colour, width] of [["black", 3], ["white", 1]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width * devicePixelRatio });
      context.strokeRect(...frame);
    }
  }

  #covered() {
    const { width, height } = this.canvas;
    const { pyramid } = this.easel;
    const level = pyramid.finerThan(this.scale);
    const words = new Uint32Array(width * height);
    fillBackground(words, width, {
      cells: pyramid.levels[level],
      place: { x: 0, y: 0, size: this.scale * 2 ** level },
      area: { x: 0, y: 0, width, height },
      colour: BLUE,
      strength: STRENGTH,
    });
    this.cover ??= new OffscreenCanvas(width, height);
    const image = new ImageData(new Uint8ClampedArray(words.buffer), width, height);
    this.cover.getContext("2d").putImageData(image, 0, 0);
    return this.cover;
  }

  #down(event) {
    event.preventDefault(); // the easel keeps the focus
    event.stopPropagation();
    this.canvas.setPointerCapture(event.pointerId);
    this.#move(event);
  }

  #move(event) {
    if (!event.buttons) return;
    const { left, top } = this.canvas.getBoundingClientRect();
    const perPixel = devicePixelRatio / this.scale;
    const point = { x: (event.clientX - left) * perPixel, y: (event.clientY - top) * perPixel };
    this.easel.view.centreOn(point);
    this.easel.draw();
  }
}

/** A copy at the size of the map: drawn from the large one, each frame would wait for it. */
function smaller(bitmap, { width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}
