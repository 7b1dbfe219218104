/** When to try again: sooner at first, and not at all once a failure is an answer. */

import { isPassing } from "./entries.js";

const PAUSES = [1000, 2000, 5000, 10000, 30000];

export class Pace {
  /** The failure that sending waits for to pass. */
  trouble = null;
  #tries = 0;
  #timer = null;

  constructor(later = (act, pause) => setTimeout(act, pause)) {
    this.later = later;
  }

  get isPausing() {
    return this.#timer !== null;
  }

  /** Whether it is worth trying again; counts the tries. */
  passes(error) {
    this.#tries = this.trouble?.status === error.status ? this.#tries + 1 : 1;
    return isPassing(error.status, this.#tries);
  }

  pause(error, act) {
    this.trouble = error;
    this.#timer = this.later(act, PAUSES[Math.min(this.#tries, PAUSES.length) - 1]);
  }

  resume() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  calm() {
    this.trouble = null;
    this.#tries = 0;
  }
}
