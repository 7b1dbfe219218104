/**
 * Keeps unfinished work: in the browser at once, on the server after a pause.
 *
 * The browser's copy survives a failing network or login; it is forgotten when the server has it.
 */

const PAUSE = 1500;
const AGAIN = 5000;

const inTime = (act, pause) => setTimeout(act, pause);

export class DraftKeeper {
  #timer = null;
  #flushing = Promise.resolve();
  #changes = 0;
  #saved = 0;

  /** `save(mask)` brings a draft to the server; `later` is setTimeout. */
  constructor({ specimenId, person, parentId, mask, store, save, onState, later = inTime }) {
    Object.assign(this, { specimenId, person, parentId, mask, store, save, onState, later });
  }

  get isSaved() {
    return this.#saved === this.#changes;
  }

  changed() {
    this.#changes += 1;
    this.onState("changed");
    this.keep(); // now: what is only begun when the window closes may never end
    this.#plan(PAUSE);
  }

  /** Save now: before leaving, or because the pause is over. One after the other. */
  flush() {
    clearTimeout(this.#timer);
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  /** Nothing is left to be kept: the work became a label version, or was given up. */
  stop() {
    clearTimeout(this.#timer);
    this.#saved = this.#changes;
    return this.forget();
  }

  /** The copy in the browser. */
  keep() {
    const { specimenId, person, parentId } = this;
    const { width, height, data } = this.mask;
    const moment = new Date().toISOString();
    return this.store.put({ specimenId, person, parentId, width, height, data, moment });
  }

  forget() {
    return this.store.remove(this.specimenId);
  }

  async #flush() {
    if (this.isSaved) return;
    const changes = this.#changes;
    try {
      await this.save(this.mask);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.onState("kept", error);
      this.#plan(AGAIN);
      return;
    }
    this.#saved = changes;
    if (!this.isSaved) return;
    await this.forget();
    this.onState("saved");
  }

  #plan(pause) {
    clearTimeout(this.#timer);
    this.#timer = this.later(() => this.flush(), pause);
  }
}
