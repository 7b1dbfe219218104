/**
 * Mirror images of masks. An axis is a line through two points, {from: {x, y}, to: {x, y}}, in picture
 * coordinates; "left" and "right" are the sides of a person who sees it run from top to bottom.
 */

import { BACKGROUND } from "./mask.js";

/**
 * Replace everything on the other side of the axis with the mirror image of `side`. A pixel takes
 * the value of the pixel in which its centre's mirror image lies, and background where that is
 * beyond the picture; a centre on the axis stays as it is.
 */
export function mirror({ width, height, data }, axis, side) {
  const { from, to } = downwards(axis);
  const sign = side === "left" ? 1 : -1;
  const [nx, ny] = [-(to.y - from.y), to.x - from.x]; // across the axis, towards the left
  const squared = nx * nx + ny * ny;
  const out = data.slice();
  if (squared === 0) return out;
  for (let y = 0, at = 0; y < height; y += 1) {
    const alongRow = (y + 0.5 - from.y) * ny;
    for (let x = 0; x < width; x += 1, at += 1) {
      const across = (x + 0.5 - from.x) * nx + alongRow;
      if (across * sign >= 0) continue;
      const back = (2 * across) / squared;
      const [mx, my] = [Math.floor(x + 0.5 - back * nx), Math.floor(y + 0.5 - back * ny)];
      const isInside = mx >= 0 && mx < width && my >= 0 && my < height;
      out[at] = isInside ? data[my * width + mx] : BACKGROUND;
    }
  }
  return out;
}

/** The same line, running from top to bottom (a level one from left to right). */
function downwards({ from, to }) {
  const isUpward = to.y < from.y || (to.y === from.y && to.x < from.x);
  return isUpward ? { from: to, to: from } : { from, to };
}
