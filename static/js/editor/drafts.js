/**
 * Keeps unfinished work: in the browser at once, on the server after a pause.
 *
 * The browser's copy survives a failing network or login; it is forgotten when the server has it.
 */

import { pack, packed } from "./bits.js";

const PAUSE = 1500;
const AGAIN = 5000;
const NOWHERE = { left: 0, top: 0, right: 0, bottom: 0 };

const inTime = (act, pause) => setTimeout(act, pause);

export class DraftKeeper {
  /** Whether the last attempt found no server. */
  isOffline = false;
  #bits;
  #timer = null;
  #flushing = Promise.resolve();
  #keeping = null;
  #changes = 0;
  #kept = 0;
  #saved = 0;

  /** `save(parentId)` brings a draft to the server; `later` is setTimeout. */
  constructor({ specimenId, person, parentId, cropId, mask, store, save, onState, later = inTime }) {
    Object.assign(this, { specimenId, person, parentId, cropId, mask, store, save, onState, later });
    this.#bits = packed(mask);
  }

  /** How often the mask has changed. */
  get changes() {
    return this.#changes;
  }

  get isSaved() {
    return this.#saved === this.#changes;
  }

  /** Whether closing the page now would lose something. */
  get isUnsafe() {
    return !this.isSaved && this.#kept < this.#changes;
  }

  /** The mask has changed within this rectangle. */
  changed(rect) {
    this.#changes += 1;
    pack(this.mask, this.#bits, rect);
    this.onState("changed");
    this.keep(); // now: what is only begun when the window closes may never end
    this.#plan(PAUSE);
  }

  /** Save now: before leaving, or because the pause is over. One after the other. */
  flush() {
    clearTimeout(this.#timer);
    this.#flushing = this.#flushing.catch(() => {}).then(() => this.#flush());
    return this.#flushing;
  }

  /** Nothing more goes to the server until the next change; resolves when nothing is on its way. */
  async pause() {
    clearTimeout(this.#timer);
    await Promise.all([this.#flushing, this.keep()]);
  }

  /** The work goes on upon another label version; what was kept or sent names the old one. */
  rebase(parentId) {
    this.parentId = parentId;
    if (this.#changes) this.changed(NOWHERE);
  }

  /** Nothing is left to be kept: the work became a label version, or was given up. */
  async stop() {
    clearTimeout(this.#timer);
    this.#saved = this.#changes;
    await this.#keeping;
    await this.forget();
  }

  /** The copy in the browser; while one is being written, the next waits and is the newest. */
  keep() {
    if (!this.isSaved) this.#keeping ??= this.#keep().finally(() => (this.#keeping = null));
    return this.#keeping ?? Promise.resolve();
  }

  forget() {
    return this.store.remove(this.specimenId).catch(() => {});
  }

  async #keep() {
    while (this.#kept < this.#changes && !this.isSaved) {
      const changes = this.#changes;
      try {
        await this.store.put(this.#copy());
      } catch {
        return; // a browser that stores nothing: saving to the server goes on
      }
      this.#kept = changes;
    }
  }

  #copy() {
    const { specimenId, person, parentId, cropId } = this;
    const { width, height } = this.mask;
    const moment = new Date().toISOString();
    return { specimenId, person, parentId, cropId, width, height, bits: this.#bits, moment };
  }

  async #flush() {
    if (this.isSaved) return;
    const changes = this.#changes;
    try {
      await this.save(this.parentId);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.isOffline = error.status === 0;
      await this.keep(); // whether the browser has it is known only then
      this.onState(this.isUnsafe ? "unsafe" : "kept", error);
      this.#plan(AGAIN);
      return;
    }
    this.isOffline = false;
    this.#saved = Math.max(this.#saved, changes); // `stop` may have come meanwhile
    if (!this.isSaved) return;
    await this.#keeping;
    await this.forget();
    this.onState("saved");
  }

  #plan(pause) {
    clearTimeout(this.#timer);
    this.#timer = this.later(() => this.flush(), pause);
  }
}
