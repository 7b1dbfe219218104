/**
 * A crop and its mask as the picture that a curator judges.
 *
 * Pixels are 32-bit words as a little-endian machine reads RGBA (0xAABBGGRR). Masks hold 255 for
 * the specimen and 0 for the background.
 */

export const FILLS = ["blue", "black", "white", "green", "chequered", "outline"];

/** What the background becomes; the squares are the stage's ground, seen through. */
export const COLOURS = {
  blue: 0xffff0000,
  black: 0xff000000,
  white: 0xffffffff,
  green: 0xff00ff00,
  chequered: 0,
};

const OUTLINE_INSIDE = 0xffff0000;
const OUTLINE_OUTSIDE = 0xffffffff;

const NEITHER = 0xff303030;
const ONLY_MINE = 0xff50d020;
const ONLY_THEIRS = 0xff3030f0;

/** The picture for one fill, as a new array of words. */
export function compose(pixels, mask, width, fill) {
  if (fill === "outline") return outlined(pixels, mask, width);
  return filled(pixels, mask, COLOURS[fill]);
}

export function maskPicture(mask) {
  const out = new Uint32Array(mask.length);
  for (let i = 0; i < mask.length; i += 1) out[i] = mask[i] ? COLOURS.white : COLOURS.black;
  return out;
}

/** Where two masks differ: what only mine has green, what only theirs has red, the ground grey. */
export function difference(pixels, mine, theirs) {
  const out = new Uint32Array(mine.length);
  for (let i = 0; i < mine.length; i += 1) {
    if (mine[i] === theirs[i]) out[i] = mine[i] ? pixels[i] : NEITHER;
    else out[i] = mine[i] ? ONLY_MINE : ONLY_THEIRS;
  }
  return out;
}

function filled(pixels, mask, colour) {
  const out = new Uint32Array(mask.length);
  for (let i = 0; i < mask.length; i += 1) out[i] = mask[i] ? pixels[i] : colour;
  return out;
}

/** The line lies on both sides of the edge: blue within, white without, so that one is visible. */
export function outlined(pixels, mask, width) {
  const out = pixels.slice();
  for (let i = 0; i < mask.length; i += 1) {
    const right = (i + 1) % width !== 0 && mask[i] !== mask[i + 1];
    const below = i + width < mask.length && mask[i] !== mask[i + width];
    if (right) markEdge(out, mask, i, i + 1);
    if (below) markEdge(out, mask, i, i + width);
  }
  return out;
}

function markEdge(out, mask, one, other) {
  const [inside, outside] = mask[one] ? [one, other] : [other, one];
  out[inside] = OUTLINE_INSIDE;
  out[outside] = OUTLINE_OUTSIDE;
}

/** Thumbnails are scaled before they are filled, so the scaled mask is a weight from 0 to 255. */
export function blend(rgba, weights, [red, green, blue]) {
  const out = new Uint8ClampedArray(rgba.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const own = weights[i] / 255;
    out[i] = own * rgba[i] + (1 - own) * red;
    out[i + 1] = own * rgba[i + 1] + (1 - own) * green;
    out[i + 2] = own * rgba[i + 2] + (1 - own) * blue;
    out[i + 3] = 255;
  }
  return out;
}
