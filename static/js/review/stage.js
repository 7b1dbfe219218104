/** The canvas that fills the window: one picture on its ground, zoomed by wheel or pinch, moved by dragging. */

import { Pinch } from "../pinch.js";
import { View } from "../view.js";

const SHARP_PIXELS = 3;
const GROUNDS = {
  blue: "rgb(0 0 255)",
  black: "black",
  white: "white",
  green: "rgb(0 255 0)",
  mask: "black",
  difference: "rgb(48 48 48)",
};

function chequeredTile() {
  const tile = new OffscreenCanvas(32, 32);
  const context = tile.getContext("2d");
  context.fillStyle = "#d8d8d8";
  context.fillRect(0, 0, 32, 32);
  context.fillStyle = "#a0a0a0";
  context.fillRect(16, 0, 16, 16);
  context.fillRect(0, 16, 16, 16);
  return tile;
}

export class Stage {
  #shown = null;
  #drag = null;

  /** `onMove` is told of every change of the view; several stages may share one. */
  constructor(canvas, { view = new View(), onZoom = () => {}, onMove = () => {} } = {}) {
    Object.assign(this, { canvas, view, onZoom, onMove });
    this.context = canvas.getContext("2d", { alpha: false });
    this.chequered = this.context.createPattern(chequeredTile(), "repeat");
    new ResizeObserver(() => this.#resize()).observe(canvas);
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#grab(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", () => (this.#drag = null));
    this.pinch = new Pinch(canvas, { onMove: (move) => this.#pinched(move) });
    this.#resize();
  }

  /** `image` is drawn over the area that `size` has, so that a sharper one lies exactly there. */
  show(image, size, look) {
    this.#shown = { image, size, look };
    this.view.resize(size, this.canvas);
    this.draw();
  }

  clear(look) {
    this.#shown = null;
    this.#ground(look);
  }

  fit() {
    this.view.fit();
    this.#moved();
  }

  draw() {
    if (!this.#shown) return;
    const { image, size, look } = this.#shown;
    const { x, y, scale } = this.view;
    this.#ground(look);
    this.context.imageSmoothingEnabled = scale < SHARP_PIXELS;
    this.context.imageSmoothingQuality = "medium";
    this.context.drawImage(image, x, y, size.width * scale, size.height * scale);
  }

  #ground(look) {
    const neutral = () => getComputedStyle(this.canvas).getPropertyValue("--stage");
    const { width, height } = this.canvas;
    this.context.fillStyle = look === "chequered" ? this.chequered : (GROUNDS[look] ?? neutral());
    this.context.fillRect(0, 0, width, height);
  }

  #resize() {
    const { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    if (!this.#shown) return;
    this.view.resize(this.#shown.size, this.canvas);
    this.#moved();
  }

  #wheel(event) {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY / 400);
    this.view.zoomAt(event.offsetX * devicePixelRatio, event.offsetY * devicePixelRatio, factor);
    this.#moved();
    this.onZoom();
  }

  #pinched({ x, y, dx, dy, factor }) {
    this.view.zoomAt(x, y, factor);
    this.view.pan(dx, dy);
    this.#drag = null;
    this.#moved();
    this.onZoom();
  }

  #moved() {
    this.draw();
    this.onMove();
  }

  #grab(event) {
    this.#drag = { x: event.clientX, y: event.clientY };
    this.canvas.setPointerCapture(event.pointerId);
  }

  #move(event) {
    if (!this.#drag || this.pinch.isActive) return;
    const [dx, dy] = [event.clientX - this.#drag.x, event.clientY - this.#drag.y];
    this.#drag = { x: event.clientX, y: event.clientY };
    this.view.pan(dx * devicePixelRatio, dy * devicePixelRatio);
    this.#moved();
  }
}
