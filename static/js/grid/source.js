/** Where batches come from: pages of tiles by key, the next one asked for before it is needed. */

const PAGE = 1000;

export class Source {
  /** How many match in all, as told at the start; null until then. */
  total = null;
  /** There were more than were counted. */
  more = false;
  #after = null;
  #isOver = false;
  #ahead = [];

  /** `load({limit, after_rank, after_id})` gives {tiles, total, more}. */
  constructor(load) {
    this.load = load;
  }

  /** From the first again: what was left behind comes back. */
  restart() {
    this.total = null;
    this.#after = null;
    this.#isOver = false;
    this.#ahead = [];
  }

  /** The next specimens, at most `size`; fewer only where there are no more. */
  async next(size) {
    while (this.#ahead.length < size && !this.#isOver) await this.#fetch(size);
    return this.#ahead.splice(0, size);
  }

  /** Have the following batch at hand; returns its tiles without taking them. */
  async peek(size) {
    while (this.#ahead.length < size && !this.#isOver) await this.#fetch(size);
    return this.#ahead.slice(0, size);
  }

  async #fetch(size) {
    const limit = Math.min(PAGE, size - this.#ahead.length);
    const { tiles, total, more } = await this.load({ limit, ...this.#after });
    if (this.total === null) {
      this.total = total;
      this.more = more;
    }
    this.#isOver = tiles.length < limit;
    const last = tiles.at(-1);
    if (last) this.#after = { after_rank: last.rank, after_id: last.id };
    this.#ahead.push(...tiles);
  }
}
