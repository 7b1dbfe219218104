/**
 * Which files of an import are ticked. There may be thousands, of which the page has seen a few, so
 * only what differs from "all" or from "none" is kept.
 */

export class Choice {
  #all = true;
  #different = new Set();

  has(id) {
    return this.#different.has(id) !== this.#all;
  }

  set(id, isTicked) {
    if (isTicked === this.#all) this.#different.delete(id);
    else this.#different.add(id);
  }

  setAll(isTicked) {
    this.#all = isTicked;
    this.#different.clear();
  }

  /** How many of so many files are ticked. */
  count(total) {
    return this.#all ? total - this.#different.size : this.#different.size;
  }

  /** As the server wants it. */
  get fields() {
    const ids = [...this.#different];
    return this.#all ? { except: ids } : { only: ids };
  }
}
