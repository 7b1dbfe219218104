/** Shows crop and mask on a canvas; after a stroke only the rectangle that changed is drawn again. */

import { View } from "../view.js";
import { whole, within } from "./rect.js";

/** How much of the background is covered with blue, by name. */
export const STRENGTHS = { overlay: 0.5, blue: 1, faint: 0.2 };

const COVER = 0xffff0000;
const SHARP_PIXELS = 2;

export class Easel {
  view = new View();
  strength = "overlay";
  isOriginal = false;

  constructor(canvas, bitmap, mask) {
    Object.assign(this, { canvas, bitmap, mask });
    this.context = canvas.getContext("2d", { alpha: false });
    this.cover = new OffscreenCanvas(mask.width, mask.height);
    this.coverContext = this.cover.getContext("2d");
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.changed(whole(mask));
    this.resize();
  }

  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    this.view.resize(this.mask, this.canvas);
    this.draw();
  }

  nextStrength() {
    const names = Object.keys(STRENGTHS);
    this.strength = names[(names.indexOf(this.strength) + 1) % names.length];
    this.draw();
  }

  /** The mask has changed within this rectangle. */
  changed(rect) {
    const { left, top } = rect;
    const [width, height] = [rect.right - left, rect.bottom - top];
    const words = new Uint32Array(width * height);
    for (let y = 0; y < height; y += 1) {
      const row = (top + y) * this.mask.width + left;
      for (let x = 0; x < width; x += 1) {
        if (!this.mask.data[row + x]) words[y * width + x] = COVER;
      }
    }
    const image = new ImageData(new Uint8ClampedArray(words.buffer), width, height);
    this.coverContext.putImageData(image, left, top);
    this.#drawWithin(rect);
  }

  draw() {
    const { width, height } = this.canvas;
    this.context.fillStyle = getComputedStyle(this.canvas).getPropertyValue("--stage");
    this.context.fillRect(0, 0, width, height);
    this.#drawWithin(whole(this.mask));
  }

  #drawWithin(rect) {
    const clip = this.#clipOf(rect);
    const all = this.view.toStage(whole(this.mask));
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(clip.x, clip.y, clip.width, clip.height);
    context.clip();
    context.imageSmoothingEnabled = this.view.scale < SHARP_PIXELS;
    context.drawImage(this.bitmap, all.x, all.y, all.width, all.height);
    if (!this.isOriginal) {
      context.globalAlpha = STRENGTHS[this.strength];
      context.drawImage(this.cover, all.x, all.y, all.width, all.height);
    }
    context.restore();
  }

  /** One pixel more, because smoothing mixes neighbours; whole stage pixels, so that no seam shows. */
  #clipOf({ left, top, right, bottom }) {
    const wider = { left: left - 1, top: top - 1, right: right + 1, bottom: bottom + 1 };
    const { x, y, width, height } = this.view.toStage(within(wider, this.mask.width, this.mask.height));
    const [clipX, clipY] = [Math.floor(x), Math.floor(y)];
    return {
      x: clipX,
      y: clipY,
      width: Math.ceil(x + width) - clipX,
      height: Math.ceil(y + height) - clipY,
    };
  }
}
