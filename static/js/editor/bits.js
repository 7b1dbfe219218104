/** Masks at one bit per pixel, each row in whole bytes: small enough to be kept after every stroke. */

import { SPECIMEN } from "./mask.js";
import { whole } from "./rect.js";

export function packed(mask) {
  const bits = new Uint8Array(bytesPerRow(mask.width) * mask.height);
  pack(mask, bits, whole(mask));
  return bits;
}

/** Bring `bits` up to date within a rectangle. */
export function pack({ width, data }, bits, { left, top, right, bottom }) {
  const across = bytesPerRow(width);
  for (let y = top; y < bottom; y += 1) {
    for (let byte = left >> 3; byte < (right + 7) >> 3; byte += 1) {
      const at = y * width + 8 * byte;
      const most = width - 8 * byte;
      bits[y * across + byte] = most < 8 ? few(data, at, most) : eight(data, at);
    }
  }
}

function eight(d, at) {
  const left = (d[at] & 128) | (d[at + 1] & 64) | (d[at + 2] & 32) | (d[at + 3] & 16);
  return left | (d[at + 4] & 8) | (d[at + 5] & 4) | (d[at + 6] & 2) | (d[at + 7] & 1);
}

/** The last pixels of a row, which do not fill a byte. */
function few(data, at, count) {
  let bits = 0;
  for (let bit = 0; bit < count; bit += 1) bits |= data[at + bit] & (128 >> bit);
  return bits;
}

export function unpacked(bits, width, height) {
  const data = new Uint8Array(width * height);
  const across = bytesPerRow(width);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (bits[y * across + (x >> 3)] & (128 >> (x & 7))) data[at] = SPECIMEN;
    }
  }
  return data;
}

/** The pixels of a draft that the browser has kept; earlier ones were kept with a byte for each. */
export function pixelsOfDraft({ width, height, bits, data }) {
  return bits ? unpacked(bits, width, height) : data;
}

function bytesPerRow(width) {
  return (width + 7) >> 3;
}
