/**
 * How long a person takes: the keystroke-level model (Card, Moran and Newell, "The keystroke-level
 * model for user performance time with interactive systems", CACM 1980). Lengths in screen pixels.
 */

export const PIXELS_PER_CM = 96 / 2.54;
/** A key, "average non-secretary typist". */
export const KEY = 0.28;
/** Press or release of a button. */
export const BUTTON = 0.1;
/** Deciding what to do next. */
export const THINK = 1.35;
/** Drawing along nothing in particular, from the model's D = 0.9 n + 0.16 cm. */
const DRAW_PER_CM = 0.16;
/**
 * Following a way that is only so wide takes its length / width times this: Accot and Zhai, "Beyond
 * Fitts' law", CHI 1997. The figure is our own round one, of the order found for mice.
 */
const STEER = 0.1;

/** Card, English and Burr, Ergonomics 1978, for the mouse; 1.1 s is the model's average. */
export function pointing(distance, size) {
  return 1.03 + 0.096 * Math.max(0, Math.log2(distance / size + 0.5));
}

export function drawing(length, width) {
  return length * Math.max(DRAW_PER_CM / PIXELS_PER_CM, STEER / width);
}
