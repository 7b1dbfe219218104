/** The boxes to go through: fetched a few at a time, with their pictures before they are needed. */

const AT_ONCE = 8;
const AHEAD = 3;

export class Line {
  items = [];
  place = 0;
  /** How many need a look, as the server said last; null until then. */
  waiting = null;
  #isOver = false;
  #loading = null;
  #after = {};

  /** `load({limit, after_doubt, after_id})` gives {items, waiting}; `warm(url)` fetches a picture. */
  constructor({ load, loadOne, warm = () => {} }) {
    Object.assign(this, { load, loadOne, warm });
  }

  get current() {
    return this.items[this.place];
  }

  /** Begin with one specimen, if it is named, and then go on with the queue. */
  async begin(specimenId) {
    if (specimenId) this.items.push(await this.loadOne(specimenId));
    await this.#fill();
  }

  async next() {
    if (this.place < this.items.length) this.place += 1;
    await this.#fill();
  }

  previous() {
    this.place = Math.max(0, this.place - 1);
  }

  /** Go to a specimen, also one that was not in the line. */
  async goTo(specimenId) {
    const there = this.items.findIndex(({ id }) => id === specimenId);
    if (there >= 0) this.place = there;
    else this.items.splice(this.place, 0, await this.loadOne(specimenId));
  }

  /** Ask the server again what an item is now. */
  async renew(specimenId) {
    const item = this.items.find(({ id }) => id === specimenId);
    if (item) Object.assign(item, { pending: null, said: null }, await this.loadOne(specimenId));
  }

  async #fill() {
    const isShort = () => this.items.length <= this.place + AHEAD && !this.#isOver;
    while (isShort()) {
      this.#loading ??= this.#more().finally(() => (this.#loading = null));
      // With something to show there is no need to wait for more.
      if (this.current) break;
      await this.#loading;
    }
    this.#warm();
  }

  async #more() {
    const { items, waiting } = await this.load({ limit: AT_ONCE, ...this.#after });
    this.waiting = waiting;
    this.#isOver = items.length < AT_ONCE;
    const last = items.at(-1);
    if (last) this.#after = { after_doubt: last.doubt, after_id: last.id };
    const known = new Set(this.items.map(({ id }) => id));
    this.items.push(...items.filter(({ id }) => !known.has(id)));
    this.#warm();
  }

  #warm() {
    for (const item of this.items.slice(this.place, this.place + AHEAD + 1)) {
      if (item.isWarm) continue;
      item.isWarm = true;
      this.warm(item.photograph);
      if (item.crop) this.warm(item.crop);
    }
  }
}
