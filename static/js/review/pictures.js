/** Pictures and masks of the specimens ahead: fetched, decoded and composed before they are needed. */

import { canvasOf, fetchBitmap, maskOf, pixelsOf } from "../images.js";
import { blend, compose, maskPicture, outlined } from "./compose.js";

const THUMBNAIL = 240;
const COMPOSED = 16;
const ON_BLUE = [0, 0, 255];

async function loadPicture(url, priority) {
  const bitmap = await fetchBitmap(url, priority);
  const { width, height } = bitmap;
  const scale = Math.min(1, THUMBNAIL / Math.max(width, height));
  const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const small = pixelsOf(bitmap, ...size);
  return { width, height, data: pixelsOf(bitmap), small };
}

async function loadMask(url, picture, priority) {
  const bitmap = await fetchBitmap(url, priority);
  const { width, height, small } = await picture;
  const weights = pixelsOf(bitmap, small.width, small.height).data;
  return { mask: maskOf(bitmap, width, height), weights };
}

export class Pictures {
  #loads = new Map();
  #loaded = new Map();
  #composed = new Map();

  /** Resolves when the crop, one mask of it and one whose outline lies over it can be shown. */
  load({ picture, mask, over = null }, priority) {
    const base = this.#once(picture, () => loadPicture(picture, priority));
    const masks = [mask, over].filter(Boolean);
    return Promise.all([
      base,
      ...masks.map((url) => this.#once(url, () => loadMask(url, base, priority))),
    ]);
  }

  isReady({ picture, mask, over = null }) {
    return [picture, mask, over].every((url) => !url || this.#loaded.has(url));
  }

  size(picture) {
    return this.#loaded.get(picture);
  }

  /** The canvas for one way of looking: a fill, "mask", or "original". */
  composed({ picture, mask, over = null }, look) {
    const [own, line] = look === "original" ? [null, null] : [mask, over];
    const key = `${look} ${picture} ${own} ${line}`;
    const made = this.#composed.get(key) ?? this.#compose(picture, own, line, look);
    this.#composed.delete(key);
    this.#composed.set(key, made);
    if (this.#composed.size > COMPOSED) {
      this.#composed.delete(this.#composed.keys().next().value);
    }
    return made;
  }

  /** A small picture of the specimen on blue. */
  thumbnail({ picture, mask }) {
    const { small } = this.#loaded.get(picture);
    const { weights } = this.#loaded.get(mask);
    const data = blend(small.data, weights, ON_BLUE);
    return canvasOf(new ImageData(data, small.width, small.height));
  }

  /** Forget what belongs to none of these addresses. */
  keepOnly(urls) {
    for (const url of this.#loads.keys()) {
      if (urls.has(url)) continue;
      this.#loads.delete(url);
      this.#loaded.delete(url);
    }
  }

  #once(url, load) {
    if (!this.#loads.has(url)) {
      const loading = load();
      this.#loads.set(url, loading);
      loading.then(
        (value) => this.#loads.get(url) === loading && this.#loaded.set(url, value),
        () => this.#loads.delete(url),
      );
    }
    return this.#loads.get(url);
  }

  #compose(picture, mask, over, look) {
    const { width, height, data } = this.#loaded.get(picture);
    if (!mask) return canvasOf(data);
    const own = this.#loaded.get(mask).mask;
    const pixels = new Uint32Array(data.data.buffer);
    let words = look === "mask" ? maskPicture(own) : compose(pixels, own, width, look);
    if (over) words = outlined(words, this.#loaded.get(over).mask, width);
    return canvasOf(new ImageData(new Uint8ClampedArray(words.buffer), width, height));
  }
}
