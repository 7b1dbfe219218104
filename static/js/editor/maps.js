/** The maps of regions that tools pick from: fetched at the start, made by a worker where missing. */

import { call } from "../api.js";
import { fetchBitmap, pixelsOf } from "../images.js";
import { RegionMap } from "./regions.js";

const POLL = 2000;
const GOING = new Set(["queued", "running"]);
const LIGHT = 0xa0ffffff;
const DARK = 0x60000000;

const inTime = (pause) => new Promise((resolve) => setTimeout(resolve, pause));

export class Maps {
  superpixels = null;
  blocks = [];
  isMaking = false;
  trouble = null;
  #place = 0;

  constructor({ specimenId, crop, onChange }) {
    Object.assign(this, { specimenId, crop, onChange });
    this.path = `/specimens/${specimenId}/maps`;
  }

  /** The block map in use: {title, map, outlines}. */
  get current() {
    return this.blocks[this.#place] ?? null;
  }

  choose(place) {
    this.#place = place % Math.max(1, this.blocks.length);
    this.onChange();
  }

  next() {
    this.choose(this.#place + 1);
  }

  get place() {
    return this.#place;
  }

  /** Have them all; where some are missing they are made first, and waited for. */
  async load() {
    if (this.isLoading) return;
    this.isLoading = true;
    this.trouble = null;
    try {
      await this.#take(await call("GET", this.path));
      if (!this.isComplete) await this.#make();
    } catch (error) {
      this.trouble = error;
    }
    this.isLoading = false;
    this.isMaking = false;
    this.onChange();
  }

  get isComplete() {
    return Boolean(this.superpixels) && this.blocks.length > 0;
  }

  async #make() {
    const { job } = await call("POST", this.path);
    this.isMaking = Boolean(job);
    this.onChange();
    while (this.isMaking && !this.isComplete) {
      await inTime(POLL);
      const { state } = await call("GET", `/jobs/${job.id}`);
      await this.#take(await call("GET", this.path));
      this.isMaking = GOING.has(state);
    }
    if (!this.isComplete) throw new Error("maps are missing");
  }

  async #take({ superpixels, blocks }) {
    const known = new Set(this.blocks.map(({ url }) => url));
    for (const block of blocks) {
      if (!known.has(block.url)) this.blocks.push({ ...block, ...(await this.#map(block.url)) });
      this.onChange();
    }
    if (superpixels) this.superpixels ??= await this.#map(superpixels);
    this.onChange();
  }

  async #map(url) {
    const pixels = pixelsOf(await fetchBitmap(url));
    const map = new RegionMap(pixels, this.crop);
    return { map, outlines: outlinesOf(map, this.crop) };
  }
}

/**
 * The borders between regions as a picture of the map's size, to be drawn over the crop: light on one
 * side and dark on the other, because one of them is seen on whatever lies below.
 */
function outlinesOf({ width, height, ids }, crop) {
  const words = new Uint32Array(width * height);
  const mark = (at, next) => {
    if (ids[at] === ids[next]) return;
    words[at] = LIGHT;
    words[next] = DARK;
  };
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (y + 1 < height) mark(at, at + width);
      if (x + 1 < width) mark(at, at + 1);
    }
  }
  const picture = new OffscreenCanvas(width, height);
  const image = new ImageData(new Uint8ClampedArray(words.buffer), width, height);
  picture.getContext("2d").putImageData(image, 0, 0);
  return { picture, width: crop.width, height: crop.height };
}
