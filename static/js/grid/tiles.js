/** The tiles that are in sight, and no others: made as they come, gone as they leave. */

import { say } from "../texts.js";
import { Layout } from "./window.js";

const ROWS_MORE = 2;
/** A tile that flies past asks for no picture. */
const REST = 60;
const SIDES = [160, 240, 320];

export class Tiles {
  #elements = new Map();
  #layout = new Layout({ count: 0, width: 1, tile: 1 });
  #pictures = new Set();
  #drawn = "";
  #planned = 0;
  #timer = null;

  /** `field` scrolls; `hall` within it is as high as all tiles together. */
  constructor({ field, hall, template, texts, batch, size = 180 }) {
    Object.assign(this, { field, hall, template, texts, batch, size, fill: "blue" });
    field.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.arrange()).observe(field);
  }

  /** The number of tiles or their size has changed. */
  arrange() {
    const width = this.hall.clientWidth;
    if (!width) return;
    const count = this.batch.tiles.length;
    this.#layout = new Layout({ count, width, tile: this.size });
    this.hall.style.height = `${this.#layout.height}px`;
    this.hall.style.setProperty("--tile-width", `${this.#layout.tileWidth}px`);
    this.hall.style.setProperty("--tile-height", `${this.#layout.tileHeight}px`);
    for (const [id, element] of this.#elements) this.#take(id, element);
    this.draw();
  }

  /** The tiles themselves have changed. */
  draw() {
    const { first, last } = this.#range(ROWS_MORE);
    this.#drawn = `${first} ${last}`;
    const wanted = new Map();
    for (let i = first; i < last; i += 1) wanted.set(this.batch.tiles[i].id, i);
    // What has the focus stays, or the keyboard would lose its place.
    const { focused, focus } = this.batch;
    if (focused) wanted.set(focused.id, focus);
    for (const [id, element] of this.#elements) if (!wanted.has(id)) this.#take(id, element);
    for (const [id, index] of wanted) this.#show(id, index);
    this.#see();
    this.#loadSoon();
  }

  scrollTo(index) {
    const { scrollTop, clientHeight } = this.field;
    this.field.scrollTop = this.#layout.scrollFor(index, scrollTop, clientHeight);
  }

  /** Give the keyboard to the tile with the focus. */
  focus() {
    this.scrollTo(this.batch.focus);
    this.draw();
    const { focused } = this.batch;
    (this.#elements.get(focused?.id) ?? this.field).focus({ preventScroll: true });
  }

  next(key) {
    return this.#layout.next(this.batch.focus, key, this.field.clientHeight);
  }

  indexOf(target) {
    const element = target.closest?.("[data-index]");
    return element ? Number(element.dataset.index) : -1;
  }

  /** Have the pictures of the first of these at hand before they are shown. */
  warm(tiles) {
    const { first, last } = this.#range();
    for (const tile of tiles.slice(0, Math.max(last - first, 12))) new Image().src = this.url(tile);
  }

  url({ crop, mask }, side = this.#side) {
    const look = this.fill === "outline" ? "outline" : "cutout";
    if (!mask) return `/pictures/crops/${crop}.png?side=${side}`;
    return `/pictures/thumbnails/${crop}/${mask}.png?side=${side}&look=${look}`;
  }

  get #side() {
    const wanted = this.#layout.tileWidth * Math.min(devicePixelRatio, 2);
    return SIDES.find((side) => side >= wanted) ?? SIDES.at(-1);
  }

  #range(more = 0) {
    const { scrollTop, clientHeight } = this.field;
    return this.#layout.range(scrollTop, clientHeight, more);
  }

  #see() {
    const { first, last } = this.#range();
    this.batch.see(first, last);
  }

  #soon() {
    this.#planned ||= requestAnimationFrame(() => {
      this.#planned = 0;
      const { first, last } = this.#range(ROWS_MORE);
      if (this.#drawn === `${first} ${last}`) this.#see();
      else this.draw();
    });
  }

  #show(id, index) {
    const element = this.#elements.get(id) ?? this.#make(id, this.batch.tiles[index]);
    const isAside = this.batch.aside.has(id);
    const hasFocus = index === this.batch.focus;
    const state = `${index} ${isAside} ${hasFocus}`;
    if (element.dataset.state === state) return; // what has not changed costs nothing
    const { x, y } = this.#layout.place(index);
    element.style.transform = `translate(${x}px, ${y}px)`;
    Object.assign(element.dataset, { index, state });
    element.tabIndex = hasFocus ? 0 : -1;
    element.setAttribute("aria-selected", String(isAside));
    element.setAttribute("aria-posinset", index + 1);
    element.setAttribute("aria-setsize", this.batch.tiles.length);
    element.setAttribute("aria-label", this.#label(this.batch.tiles[index], isAside));
  }

  #label({ key, taxon, title, score, tags }, isAside) {
    const scored = score === null ? "" : say(this.texts.score, { score: score.toFixed(2) });
    return [key, isAside && this.texts.aside, taxon, title, scored, ...tags].filter(Boolean).join(", ");
  }

  #make(id, tile) {
    const element = this.template.content.firstElementChild.cloneNode(true);
    const part = (name) => element.querySelector(`[data-part="${name}"]`);
    part("key").textContent = tile.key;
    part("score").textContent = tile.score?.toFixed(2) ?? "";
    part("tags").textContent = tile.tags.join(" · ");
    const said = [tile.key, tile.source, tile.taxon, tile.title];
    element.title = said.filter(Boolean).join(" · ");
    this.#elements.set(id, element);
    this.hall.append(element);
    return element;
  }

  #take(id, element) {
    element.querySelector("img").removeAttribute("src"); // a picture on its way is given up
    element.remove();
    this.#elements.delete(id);
  }

  /** Pictures that the browser has are shown at once, others when the scrolling rests. */
  #loadSoon() {
    for (const [id, element] of this.#elements) this.#load(id, element, { ifKnown: true });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const [id, element] of this.#elements) this.#load(id, element);
    }, REST);
  }

  #load(id, element, { ifKnown = false } = {}) {
    const image = element.querySelector("img");
    const tile = this.batch.tiles[element.dataset.index];
    if (tile?.id !== id) return;
    const url = this.url(tile);
    if (image.getAttribute("src") === url || (ifKnown && !this.#pictures.has(url))) return;
    image.addEventListener("load", () => this.#pictures.add(url), { once: true });
    image.src = url;
  }
}
