/**
 * Shows crop and mask on a canvas. After a stroke only the rectangle that changed is drawn again,
 * and however often something changes, there is one drawing for each frame of the screen.
 */

import { View } from "../view.js";
import { BLUE, drawEdge, EDGE, fillBackground, GHOST } from "./cover.js";
import { Pyramid } from "./pyramid.js";
import { isEmpty, united, whole, within } from "./rect.js";
import { exposed, isShift, nearlyWhole, shared } from "./scroll.js";
import { Tile } from "./tile.js";

/** How strongly the background is covered with blue, by name; the outline covers nothing. */
export const STRENGTHS = { overlay: 0.5, blue: 1, faint: 0.2, outline: null };

/** From here on pixels are shown as squares with sharp sides. */
const SHARP_PIXELS = 2;

export class Easel {
  view = new View();
  strength = "overlay";
  isOriginal = false;
  #pyramid;
  #ghost = null;
  #due = null;
  #isAllDue = false;
  #shown = null;
  #frame = null;
  #listeners = [];
  #tile = new Tile();

  constructor(canvas, bitmap, mask) {
    Object.assign(this, { canvas, bitmap, mask });
    this.context = canvas.getContext("2d", { alpha: false });
    this.#pyramid = new Pyramid(mask);
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  get pyramid() {
    return this.#pyramid;
  }

  /** `hear(rect)` after each drawing: what of the mask was drawn, null for all in another view. */
  onDrawn(hear) {
    this.#listeners.push(hear);
  }

  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    this.background = getComputedStyle(this.canvas).getPropertyValue("--stage");
    this.view.resize(this.mask, this.canvas);
    this.#shown = null;
    this.#isAllDue = true;
    this.#drawDue(); // now: a canvas of another size is empty, and would be seen so
  }

  nextStrength() {
    const names = Object.keys(STRENGTHS);
    this.strength = names[(names.indexOf(this.strength) + 1) % names.length];
    this.draw();
  }

  /** Show the outline of another mask too, or of none. */
  ghost(mask) {
    this.#ghost = mask && new Pyramid(mask);
    this.draw();
  }

  /** The mask has changed within this rectangle. */
  changed(rect) {
    if (isEmpty(rect)) return;
    this.#due = united(this.#due, rect);
    this.#plan();
  }

  /** View, strength or ghost have changed. */
  draw() {
    this.#isAllDue = true;
    this.#plan();
  }

  #plan() {
    this.#frame ??= requestAnimationFrame(() => this.#drawDue());
  }

  #drawDue() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    const rect = this.#due;
    this.#due = null;
    if (rect) this.#pyramid.changed(rect);
    if (this.#isAllDue) this.#drawAll(rect);
    else this.#drawWithin(this.#areaOf(rect));
    const drawn = this.#isAllDue ? null : rect;
    this.#isAllDue = false;
    for (const hear of this.#listeners) hear(drawn);
  }

  /** A picture that only moved is moved as it stands, and what comes into sight is drawn. */
  #drawAll(rect) {
    const { canvas, context, view } = this;
    const { width, height } = canvas;
    const look = [view.scale, this.strength, this.isOriginal, this.#ghost, width, height];
    const [dx, dy] = [view.x - this.#shown?.x, view.y - this.#shown?.y].map(nearlyWhole);
    const isSame = look.every((each, place) => each === this.#shown?.look[place]);
    const isMoved = isShift(dx, dy) && isSame;
    this.#shown = { x: view.x, y: view.y, look };
    if (isMoved) context.drawImage(canvas, dx, dy);
    context.fillStyle = this.background;
    const picture = this.#areaOf(whole(this.mask));
    for (const area of isMoved ? exposed(canvas, dx, dy) : [{ x: 0, y: 0, width, height }]) {
      context.fillRect(area.x, area.y, area.width, area.height);
      this.#drawWithin(shared(area, picture));
    }
    if (isMoved && rect) this.#drawWithin(this.#areaOf(rect));
  }

  #drawWithin(area) {
    const { context, view } = this;
    if (area.width <= 0 || area.height <= 0) return;
    const all = view.toStage(whole(this.mask));
    context.save();
    context.beginPath();
    context.rect(area.x, area.y, area.width, area.height);
    context.clip();
    context.imageSmoothingEnabled = view.scale < SHARP_PIXELS;
    context.drawImage(this.bitmap, all.x, all.y, all.width, all.height);
    context.restore();
    for (const paint of this.isOriginal ? [] : this.#layers()) this.#tile.lay(context, area, paint);
  }

  /** What paints the words of a part of the stage, the lowest layer first. */
  #layers() {
    const strength = STRENGTHS[this.strength];
    const layers = [
      strength === null
        ? this.#edgeOf(this.#pyramid, EDGE)
        : this.#layer(fillBackground, this.#pyramid, "finerThan", { colour: BLUE, strength }),
    ];
    if (this.#ghost) layers.push(this.#edgeOf(this.#ghost, GHOST));
    return layers;
  }

  #edgeOf(pyramid, colours) {
    return this.#layer(drawEdge, pyramid, "coarserThan", colours);
  }

  #layer(paint, pyramid, which, look) {
    const { x, y, scale } = this.view;
    const level = pyramid[which](scale);
    const [cells, place] = [pyramid.levels[level], { x, y, size: scale * 2 ** level }];
    return (words, across, area) => paint(words, across, { cells, place, area, ...look });
  }

  /**
   * Whole stage pixels, so that no seam shows, whose middle lies on the picture. A little more than
   * what changed, because smoothing and edges mix neighbours, and cells may be larger than a pixel.
   */
  #areaOf({ left, top, right, bottom }) {
    const more = Math.ceil(3 / this.view.scale) + 1;
    [left, top, right, bottom] = [left - more, top - more, right + more, bottom + more];
    const wider = within({ left, top, right, bottom }, this.mask.width, this.mask.height);
    const place = this.view.toStage(wider);
    const x = Math.max(0, Math.round(place.x));
    const y = Math.max(0, Math.round(place.y));
    return {
      x,
      y,
      width: Math.min(this.canvas.width, Math.round(place.x + place.width)) - x,
      height: Math.min(this.canvas.height, Math.round(place.y + place.height)) - y,
    };
  }
}
