/**
 * The specimens that are judged together: which are set aside, which have been in sight.
 *
 * A tile is {id, key, crop, mask, candidate, version, parent, score, tags, …} as the server tells.
 * What is accepted are exactly `rest`, never a specimen that the batch does not hold.
 */

export class Batch {
  tiles = [];
  aside = new Set();
  /** The tile that has the focus, and the one that a range starts from. */
  focus = 0;
  #anchor = 0;
  #seen = new Set();

  fill(tiles) {
    this.tiles = tiles;
    this.aside = new Set();
    this.#seen = new Set();
    [this.focus, this.#anchor] = [0, 0];
  }

  get focused() {
    return this.tiles[this.focus] ?? null;
  }

  /** Everything that is not set aside and has a mask to judge. */
  get rest() {
    return this.tiles.filter((tile) => tile.mask && !this.aside.has(tile.id));
  }

  get setAside() {
    return this.tiles.filter((tile) => this.aside.has(tile.id));
  }

  /** What is meant where nothing is said: those that are set aside, or all when none is. */
  get chosen() {
    return this.aside.size ? this.setAside : this.tiles;
  }

  /** Those of the rest that nobody can have looked at. */
  get unseen() {
    return this.rest.filter((tile) => !this.#seen.has(tile.id));
  }

  see(first, last) {
    for (const { id } of this.tiles.slice(first, last)) this.#seen.add(id);
  }

  toggle(index) {
    const tile = this.tiles[index];
    if (!tile) return;
    [this.focus, this.#anchor] = [index, index];
    this.#put(tile, !this.aside.has(tile.id));
  }

  /** All from the tile that was toggled last become what that one is. */
  extend(index) {
    const from = this.tiles[this.#anchor];
    if (!from || !this.tiles[index]) return;
    const [first, last] = [Math.min(index, this.#anchor), Math.max(index, this.#anchor)];
    const isAside = this.aside.has(from.id) || first === last;
    for (const tile of this.tiles.slice(first, last + 1)) this.#put(tile, isAside);
    this.focus = index;
  }

  /** The focus alone has moved, as by Tab or a mouse button: a range still begins where it did. */
  lookAt(index) {
    if (this.tiles[index]) this.focus = index;
  }

  /** Shift and an arrow key: the range grows from where the focus was. */
  moveTo(index, { extending = false } = {}) {
    if (!this.tiles[index]) return;
    if (!extending) {
      [this.focus, this.#anchor] = [index, index];
      return;
    }
    const from = this.tiles[this.#anchor];
    this.#put(from, true);
    this.extend(index);
  }

  /** Decided ones leave; the focus stays on what it was on, or on what comes after it. */
  remove(ids) {
    const gone = new Set(ids);
    const after = this.tiles.slice(this.focus).find(({ id }) => !gone.has(id));
    this.tiles = this.tiles.filter(({ id }) => !gone.has(id));
    for (const id of gone) this.aside.delete(id);
    this.focus = Math.max(0, after ? this.tiles.indexOf(after) : this.tiles.length - 1);
    this.#anchor = this.focus;
  }

  /** A decision was taken back: its specimens come first again, set aside as they were. */
  putBack(tiles, { aside = false } = {}) {
    const known = new Set(this.tiles.map(({ id }) => id));
    const back = tiles.filter(({ id }) => !known.has(id));
    this.tiles = [...back, ...this.tiles];
    for (const tile of back) {
      this.#seen.add(tile.id);
      this.#put(tile, aside);
    }
    [this.focus, this.#anchor] = [0, 0];
  }

  #put({ id }, isAside) {
    if (isAside) this.aside.add(id);
    else this.aside.delete(id);
  }
}
