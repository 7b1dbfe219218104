/** Small pictures of a mask on blue, painted here because the server does not know the mask. */

import { pixelsOf } from "../images.js";
import { blend } from "../review/compose.js";

const SIDE = 480;
const BLUE = [0, 0, 255];

export function paintOnBlue(canvas, bitmap, mask) {
  const scale = Math.min(1, SIDE / Math.max(mask.width, mask.height));
  const width = Math.max(1, Math.round(mask.width * scale));
  const height = Math.max(1, Math.round(mask.height * scale));
  const { data } = pixelsOf(bitmap, width, height);
  const shown = blend(data, sharesOf(mask, width, height), BLUE);
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(shown, width, height), 0, 0);
}

/** The share of specimen in each pixel of the small picture, 0 to 255, as the red of RGBA. */
export function sharesOf(mask, width, height) {
  const sums = new Float32Array(width * height);
  const counts = new Float32Array(width * height);
  const column = (_, x) => Math.floor((x * width) / mask.width);
  const columns = Int32Array.from({ length: mask.width }, column);
  for (let y = 0, at = 0; y < mask.height; y += 1) {
    const row = Math.floor((y * height) / mask.height) * width;
    for (let x = 0; x < mask.width; x += 1, at += 1) {
      sums[row + columns[x]] += mask.data[at];
      counts[row + columns[x]] += 1;
    }
  }
  const shares = new Float32Array(4 * sums.length);
  sums.forEach((sum, place) => (shares[4 * place] = sum / Math.max(1, counts[place])));
  return shares;
}
