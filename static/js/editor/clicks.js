/** Counts clicks that follow one another quickly at one place: pointer events do not. */

const PAUSE = 400;
const REACH = 6;

export class Clicks {
  #last = { timeStamp: -Infinity, clientX: 0, clientY: 0, button: 0 };
  #count = 0;

  count({ timeStamp, clientX, clientY, button }) {
    const last = this.#last;
    const isSoon = timeStamp - last.timeStamp < PAUSE && button === last.button;
    const isNear = Math.hypot(clientX - last.clientX, clientY - last.clientY) < REACH;
    this.#count = isSoon && isNear ? this.#count + 1 : 1;
    this.#last = { timeStamp, clientX, clientY, button };
    return this.#count;
  }
}
