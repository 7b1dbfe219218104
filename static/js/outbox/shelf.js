/** The outbox's entries in the browser's store, and which of them are not there (yet). */

/**
 * Runs one act of all pages that share the store at a time. Without locks (plain http) doubles may
 * be sent; their ids make them harmless.
 */
export const inTurn = (act) =>
  globalThis.navigator?.locks?.request("mothmask.outbox", act) ?? act();

export class Shelf {
  #unstored = new Set();
  #failed = new Set();

  constructor(store) {
    this.store = store;
  }

  /** What a person has kept here; without a store there is nothing. */
  async all(person) {
    const kept = await this.store.all().catch(() => []);
    return kept.filter((entry) => entry.person === person);
  }

  /** A browser that stores nothing only makes leaving the page unsafe; sending goes on. */
  async keep(entry) {
    this.#unstored.add(entry.id);
    try {
      await this.store.put(entry);
      this.#unstored.delete(entry.id);
      this.#failed.delete(entry.id);
    } catch {
      this.#failed.add(entry.id);
    }
  }

  async forget({ id }) {
    this.#unstored.delete(id);
    this.#failed.delete(id);
    await this.store.remove(id).catch(() => {}); // sent again, it would count once
  }

  has({ id }) {
    return !this.#unstored.has(id);
  }

  /** Whether the browser refused to keep it: its storage is full, or switched off. */
  hasFailed({ id }) {
    return this.#failed.has(id);
  }

  get isUnsafe() {
    return this.#unstored.size > 0;
  }

  /** What other pages made of an entry meanwhile; undefined when it is there no more. */
  async latest(entry) {
    if (!this.has(entry)) return entry;
    return this.store.get(entry.id).catch(() => entry);
  }
}
