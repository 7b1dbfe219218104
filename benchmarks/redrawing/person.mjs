/**
 * A scripted person who knows the true mask and puts a first mask right with the tools of the editor.
 * Every tool is handled by the same person: the largest wrong region that can be seen is next; the
 * tool is taken where it would put at least half of it right, the brush for the rest; what made things
 * worse is undone. Done when Dice is good enough, when nothing wrong is left to see, or after 5 minutes.
 */

import { History } from "../../static/js/editor/history.js";
import { Mask } from "../../static/js/editor/mask.js";
import { BrushSize, makeTools } from "../../static/js/editor/tools/index.js";
import { Hand } from "./hand.mjs";
import { dice, distances, wrongPixels, wrongRegions } from "./seeing.mjs";
import * as shapes from "./shapes.mjs";
import * as tips from "./tips.mjs";

const LONGEST = 300;
/** Room for the picture in a window of 1,600 × 1,000, in screen pixels. */
const STAGE = { width: 1400, height: 880 };
const FIRST_TIP = 1 / 120;
const { brush, superpixels, blocks } = tips;
const { polygon, wand, lasso } = shapes;

/** What the person tries on each region, in this order. */
export const WAYS = {
  brush: { brush },
  polygon: { polygon },
  wand: { wand, brush },
  lasso: { lasso, brush },
  blocks: { blocks, brush },
  superpixels: { superpixels, brush },
  "blocks+superpixels": { blocks, superpixels, brush },
};

/** Everything the person has before them.  */
class Desk {
  source = -1;
  #far = new Map();
  #numbers = new Map();

  constructor({ width, height, pixels, truth, first, others, maps }, random) {
    this.mask = new Mask(width, height, first.slice());
    Object.assign(this, { truth, others, maps, size: new BrushSize() });
    this.size.radius = Math.max(1, FIRST_TIP * Math.max(width, height));
    this.tools = makeTools(this.mask, this.size);
    this.tools.wand.pixels = pixels;
    this.tools.blocks.map = maps.blocks;
    this.tools.superpixels.map = maps.superpixels;
    this.history = new History(this.mask);
    this.scale = Math.min(STAGE.width / width, STAGE.height / height);
    this.hand = new Hand(this.scale, random, (rect) => this.history.record(rect));
  }

  wrong() {
    return wrongPixels(this.mask, this.truth);
  }

  /** Take back at most so many gestures, until so many pixels are wrong as before. */
  undo(gestures, before) {
    this.hand.think();
    for (let i = 0; i < gestures && this.wrong() !== before; i += 1) {
      this.history.undo();
      this.hand.keys(2);
    }
  }

  farFrom = (isBad) => distances(this.mask.width, this.mask.height, isBad);

  /** How far from pixels that are not to be `value`. */
  farFromWrongSide(value) {
    if (!this.#far.has(value)) this.#far.set(value, this.farFrom((at) => this.truth[at] !== value));
    return this.#far.get(value);
  }

  /** The number of the map's region at each pixel of the picture. */
  numbersOf = (map) => {
    if (!this.#numbers.has(map)) {
      const { width, data } = this.mask;
      const at = (place) => map.at({ x: place % width, y: Math.floor(place / width) }).number;
      this.#numbers.set(map, Int32Array.from(data, (_, place) => at(place)));
    }
    return this.#numbers.get(map);
  };
}

/**
 * `picture`: {width, height, pixels, truth, first, others, maps: {superpixels, blocks}, beyond, good};
 * pixels are RGBA, `beyond` counts true pixels outside the crop. Returns {mask, seconds, own, actions}: `own` of the seconds went to the tool itself.
 */
export function redraw(picture, wayNames, random) {
  const desk = new Desk(picture, random);
  const { hand, mask, truth } = desk;
  const ways = Object.values(WAYS[wayNames]);
  const failed = ways.map(() => new Uint8Array(truth.length));
  hand.think();
  hand.keys(1);
  while (hand.seconds < LONGEST && dice(mask, truth, picture.beyond) < picture.good) {
    const regions = wrongRegions(mask, truth, desk.scale);
    if (!regions.some((region) => putRight(desk, region, ways, failed))) break;
  }
  return { mask: mask.data, seconds: hand.seconds, own: hand.own, actions: hand.actions };
}

/** False when none of the tools could do anything about this region. */
function putRight(desk, region, ways, failed) {
  for (const [i, way] of ways.entries()) {
    if (region.pixels.filter((at) => failed[i][at]).length > region.area / 2) continue;
    const [before, started] = [desk.wrong(), desk.hand.seconds];
    const gestures = desk.hand.actions;
    const isTried = way(desk, region);
    if (!isTried || desk.wrong() >= before) for (const at of region.pixels) failed[i][at] = 1;
    if (!isTried) continue;
    if (desk.wrong() > before) desk.undo(desk.hand.actions - gestures, before);
    if (way !== brush || ways.length === 1) desk.hand.own += desk.hand.seconds - started;
    return true;
  }
  return false;
}

