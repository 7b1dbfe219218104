/** What a person sees on the screen: the regions that are wrong, and how near things are. */

import { componentsOf } from "../../static/js/editor/components.js";

/** Thinner or smaller errors are not noticed: 1 mm, and 2 mm × 2 mm, at 96 dots per inch. */
export const THINNEST = 4;
export const SMALLEST = 64;

const FAR = 1e6;

/** Pixels that are to be `value`, connected, with something in them that is thick enough to see. */
export class WrongRegion {
  constructor(value, pixels, width) {
    Object.assign(this, { value, pixels, width });
  }

  get area() {
    return this.pixels.length;
  }

  /** Left, top, right, bottom, the last two exclusive, wider by a margin. */
  box(margin, height) {
    let [left, top, right, bottom] = [this.width, height, 0, 0];
    for (const at of this.pixels) {
      const [x, y] = [at % this.width, Math.floor(at / this.width)];
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
    return {
      left: Math.max(0, left - margin),
      top: Math.max(0, top - margin),
      right: Math.min(this.width, right + margin),
      bottom: Math.min(height, bottom + margin),
    };
  }
}

/** The wrong regions that can be seen at this scale (screen pixels per picture pixel), large first. */
export function wrongRegions(mask, truth, scale) {
  const { width, height } = mask;
  const thick = Math.max(1, Math.round(THINNEST / scale));
  const found = [];
  for (const value of [255, 0]) {
    const wrong = mask.data.map((is, at) => (truth[at] === value && is !== value ? 1 : 0));
    const seen = opened(wrong, width, height, thick);
    const parts = componentsOf({ width, height, data: seen }, { wanted: 1, corners: true });
    const lists = Array.from({ length: parts.count }, () => []);
    parts.starts.forEach((start, run) => {
      for (let at = start; at < parts.ends[run]; at += 1) lists[parts.places[run]].push(at);
    });
    for (const pixels of lists) {
      if (pixels.length * scale ** 2 >= SMALLEST) found.push(new WrongRegion(value, pixels, width));
    }
  }
  return found.sort((one, other) => other.area - one.area);
}

/** What a square of side `thick` can cover without leaving the pixels that are set. */
function opened(wrong, width, height, thick) {
  if (thick === 1) return wrong;
  const sums = integral(wrong, width, height);
  const out = new Uint8Array(wrong.length);
  for (let y = 0; y + thick <= height; y += 1) {
    for (let x = 0; x + thick <= width; x += 1) {
      if (!wrong[y * width + x]) continue;
      if (sumWithin(sums, width, x, y, x + thick, y + thick) < thick * thick) continue;
      for (let row = y; row < y + thick; row += 1) out.fill(1, row * width + x, row * width + x + thick);
    }
  }
  return out;
}

function integral(data, width, height) {
  const sums = new Int32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += data[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  return sums;
}

function sumWithin(sums, width, left, top, right, bottom) {
  const [above, below] = [top * (width + 1), bottom * (width + 1)];
  return sums[below + right] - sums[below + left] - sums[above + right] + sums[above + left];
}

/** How far each pixel is from the nearest for which `isBad(at)`, within 8 % (steps of 1 and √2). */
export function distances(width, height, isBad) {
  const far = new Float32Array(width * height);
  for (let at = 0; at < far.length; at += 1) far[at] = isBad(at) ? 0 : FAR;
  const look = (at, x, dx, dy, y, step) => {
    if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) return;
    far[at] = Math.min(far[at], far[at + dy * width + dx] + step);
  };
  const pass = (y, x, sign) => {
    const at = y * width + x;
    look(at, x, -sign, 0, y, 1);
    look(at, x, 0, -sign, y, 1);
    look(at, x, -sign, -sign, y, Math.SQRT2);
    look(at, x, sign, -sign, y, Math.SQRT2);
  };
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) pass(y, x, 1);
  for (let y = height - 1; y >= 0; y -= 1) for (let x = width - 1; x >= 0; x -= 1) pass(y, x, -1);
  return far;
}

export function wrongPixels(mask, truth) {
  let wrong = 0;
  for (let at = 0; at < truth.length; at += 1) if (mask.data[at] !== truth[at]) wrong += 1;
  return wrong;
}

/** Dice, with true pixels that lie beyond the crop counted as missed. */
export function dice(mask, truth, beyond) {
  let [shared, all] = [0, beyond];
  for (let at = 0; at < truth.length; at += 1) {
    if (mask.data[at] && truth[at]) shared += 1;
    all += (mask.data[at] ? 1 : 0) + (truth[at] ? 1 : 0);
  }
  return all ? (2 * shared) / all : 1;
}
