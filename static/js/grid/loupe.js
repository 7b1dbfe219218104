/** A closer look at one specimen, as long as a tile or the space bar is held. */

const HELD = 300;
const SIDE = 1024;

export class Loupe {
  #timer = null;
  #press = null;

  constructor(root, { tiles, texts }) {
    Object.assign(this, { root, tiles, texts });
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /** A press that may become a look; `onShort` is called at its end if it did not. */
  press(tile, onShort) {
    if (this.#press || !tile) return;
    this.#press = onShort;
    this.#timer = setTimeout(() => this.show(tile), HELD);
  }

  release() {
    if (!this.#press) return;
    const onShort = this.#press;
    const wasLook = this.isOpen;
    this.cancel();
    if (!wasLook) onShort();
  }

  cancel() {
    clearTimeout(this.#timer);
    this.#press = null;
    this.root.hidden = true;
  }

  show(tile) {
    const { crop, mask } = tile;
    this.part("key").textContent = tile.key;
    this.part("title").textContent = [tile.taxon, tile.title].filter(Boolean).join(" · ");
    this.part("filled").hidden = !mask;
    if (mask) this.part("filled").src = this.tiles.url(tile, SIDE);
    this.part("original").src = `/pictures/crops/${crop}.png?side=${SIDE}`;
    this.root.hidden = false;
  }
}
