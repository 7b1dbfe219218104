/**
 * How different colours look: the largest of their differences in lightness, between red and green,
 * and between yellow and blue. Of clicks into photographs this took more of the moth, and less of
 * what is beside it, than the largest difference of red, green and blue, and as much as CIELAB did.
 * Pictures are RGBA words, red lowest.
 */

/** Tolerances of the wand, finer where they are small: differences of 0 to 255 levels. */
export const TOLERANCES = Array.from({ length: 48 }, (_, step) =>
  Math.round(2 * step + (step * step * 161) / 47 ** 2),
);

/** Between red and green there can be 510 levels; from 255 on all are the same. */
const STEP_OF = Uint8Array.from({ length: 511 }, (_, difference) =>
  TOLERANCES.findIndex((tolerance) => Math.min(difference, 255) <= tolerance),
);

/** The first of the tolerances within which a word is like a colour [red, green, blue]. */
export function stepOf(word, red, green, blue) {
  const r = (word & 255) - red;
  const g = ((word >> 8) & 255) - green;
  const b = ((word >> 16) & 255) - blue;
  const lightness = Math.abs(2 * r + 5 * g + b) >> 3;
  const greenness = Math.abs(r - g);
  const blueness = Math.abs(r + g - 2 * b) >> 1;
  return STEP_OF[Math.max(lightness, greenness, blueness)];
}

/** The mean colour of a place and the pixels next to it: a single one may be noise. */
export function colourAround(words, width, height, x, y) {
  const sums = [0, 0, 0];
  let count = 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
      const word = words[row * width + column];
      for (let i = 0; i < 3; i += 1) sums[i] += (word >> (8 * i)) & 255;
      count += 1;
    }
  }
  return sums.map((sum) => Math.round(sum / count));
}
