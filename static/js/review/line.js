/** The specimens behind and ahead of the one in view; more are fetched before they are needed. */

import { Sight } from "./sight.js";

export const AHEAD = 5;
const LONGEST_EXCLUSION = 200;

export class Line {
  sights = [];
  index = 0;
  counts = { waiting: 0, labelled: 0, total: 0 };
  isLoading = false;
  /** Why the queue could not be asked, until it could be again. */
  trouble = null;
  #since = 0;

  /** `unsent()` gives the ids of specimens whose decisions the server does not know yet. */
  constructor({ loadQueue, loadItem, unsent, onChange }) {
    Object.assign(this, { loadQueue, loadItem, unsent, onChange });
  }

  get current() {
    return this.sights[this.index] ?? null;
  }

  /** What is to be shown soon, the nearest first. */
  get ahead() {
    return this.sights.slice(this.index, this.index + AHEAD + 1);
  }

  async start(specimenId) {
    if (specimenId) this.sights.push(new Sight(await this.loadItem(specimenId)));
    await this.fill();
  }

  /** Fetch more when fewer than five are ahead. */
  async fill() {
    const missing = AHEAD + 1 - this.ahead.length;
    if (missing <= 0 || this.isLoading) return;
    this.isLoading = true;
    try {
      const { items, ...counts } = await this.loadQueue(missing, this.#excluded());
      // While own decisions are on their way, the server counts without them.
      if (!this.counts.total || !this.unsent().length) this.counts = counts;
      const known = new Set(this.#recent().map((sight) => sight.item.id));
      const fresh = items.filter((item) => !known.has(item.id));
      this.sights.push(...fresh.map((item) => new Sight(item)));
      this.trouble = null;
    } catch (error) {
      if (error.status === undefined) throw error;
      this.trouble = error;
    } finally {
      this.isLoading = false;
    }
    this.onChange();
  }

  /** Ask again for specimens that were skipped or passed by in this sitting. */
  lookAgain() {
    this.#since = this.sights.length;
    return this.fill();
  }

  next() {
    return this.goTo(Math.min(this.index + 1, this.sights.length));
  }

  previous() {
    return this.goTo(Math.max(this.index - 1, 0));
  }

  goTo(index) {
    this.index = index;
    this.onChange();
    return this.fill();
  }

  /** Where a specimen was seen last, or -1. */
  placeOf(specimenId) {
    return this.sights.findLastIndex(({ item }) => item.id === specimenId);
  }

  /** The newest state of a specimen, in the place it has; null when it is not here. */
  async reload(specimenId) {
    const place = this.placeOf(specimenId);
    if (place < 0) return null;
    this.sights[place] = new Sight(await this.loadItem(specimenId));
    this.onChange();
    return this.sights[place];
  }

  /** Show a specimen that is not in the line, before all others. */
  async insert(specimenId) {
    this.sights.splice(this.index, 0, new Sight(await this.loadItem(specimenId)));
    this.onChange();
  }

  /** Count a label before the server has. */
  count(change) {
    this.counts = { ...this.counts, labelled: this.counts.labelled + change };
  }

  #recent() {
    return this.sights.slice(Math.min(this.#since, this.index));
  }

  #excluded() {
    const seen = this.#recent().map((sight) => sight.item.id);
    return [...new Set([...this.unsent(), ...seen.slice(-LONGEST_EXCLUSION)])];
  }
}
