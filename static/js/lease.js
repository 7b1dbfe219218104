/**
 * Tells the server what is in view and what was fetched ahead, so that others are handed something
 * else, and tells the page who else looks at the same. It only steers: what fails is left out.
 */

import { call } from "./api.js";

const EVERY = 60_000;
/** Who leafs on faster is not looking. */
const SETTLES = 1500;

export class Lease {
  #inView = null;
  #ahead = [];
  #settling = 0;

  /** `onOthers(names)` hears who else looks at what is in view. */
  constructor({ onOthers }) {
    this.onOthers = onOthers;
    // A hidden page is as good as closed: what it has becomes free after a while.
    setInterval(() => !document.hidden && this.#beat(), EVERY);
  }

  /** Specimens by number: the one in view or null, and those ahead. */
  hold(inView, ahead = []) {
    this.#ahead = ahead;
    if (inView === this.#inView) return;
    this.#inView = inView;
    this.onOthers([]);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#beat(), SETTLES);
  }

  async #beat() {
    const inView = this.#inView;
    try {
      const json = { specimens: this.#ahead, looking_at: inView };
      const { names } = await call("PUT", "/leases", { json });
      if (inView === this.#inView) this.onOthers(names);
    } catch (error) {
      if (error.status === undefined) throw error;
    }
  }
}

/** Shows names in a badge, which is hidden while there are none. */
export function showOthers(badge, names) {
  const { one, many } = badge.dataset;
  badge.textContent = (names.length > 1 ? many : one).replace("{names}", names.join(", "));
  badge.hidden = !names.length;
}
