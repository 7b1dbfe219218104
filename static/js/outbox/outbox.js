/**
 * Decisions on their way to the server: kept until it has answered, sent in order, one at a time.
 *
 * An entry is {id, person, specimenId, key, path, fields, file, retracts, restores}. Its id is the
 * decision's, so sending twice is harmless. Whatever a later entry of the same specimen must know
 * of an earlier answer (the new label version, the review to retract) is filled in when it comes.
 */

const PAUSES = [1000, 2000, 5000, 10000, 30000];
const TRIES_OF_A_BROKEN_SERVER = 5;

/** Network, login, overload and full disk pass; everything else is an answer. */
export function isPassing(status, tries) {
  if (status === 500) return tries < TRIES_OF_A_BROKEN_SERVER;
  return status === 0 || status === 401 || status === 408 || status === 429 || status > 500;
}

/** The label version that stands after an answered entry; undefined where it moved nothing. */
export function labelAfter(entry, answer) {
  switch (entry.fields.decision ?? "accept") {
    case "accept":
      return answer.version_id;
    case "retract":
      return entry.restores;
    case "reject":
      return entry.fields.version_id ? null : undefined;
    default:
      return undefined;
  }
}

const inTime = (act, pause) => setTimeout(act, pause);

export class Outbox {
  trouble = null;
  #entries = [];
  #unstored = new Set();
  #listeners = new Map();
  #sending = false;
  #tries = 0;
  #timer = null;

  constructor({ store, send, person, onChange = () => {}, onAnswer = () => {}, later = inTime }) {
    Object.assign(this, { store, send, person, onChange, onAnswer, later });
  }

  /** Take up what an earlier page left behind. */
  async open() {
    const kept = await this.store.all();
    const own = kept.filter((entry) => entry.person === this.person);
    this.#entries = [...own.sort((a, b) => a.order - b.order), ...this.#entries];
    this.#pump();
  }

  get waiting() {
    return this.#entries.filter((entry) => !entry.refusal);
  }

  /** Those that outlive this page: only of them may the page say that they are kept. */
  get kept() {
    return this.waiting.filter((entry) => !this.#unstored.has(entry.id));
  }

  get refused() {
    return this.#entries.filter((entry) => entry.refusal);
  }

  /** Whether closing the page now would lose something. */
  get isUnsafe() {
    return this.#unstored.size > 0;
  }

  /** Resolves to {answer} or {refusal}; meanwhile the entry is safe. */
  add(wanted) {
    const last = this.#entries.at(-1)?.order ?? 0;
    const entry = { ...wanted, person: this.person, order: Math.max(Date.now(), last + 1) };
    this.#entries.push(entry);
    this.#keep(entry).then(() => {
      this.onChange();
      this.#pump();
    });
    return new Promise((resolve) => this.#listeners.set(entry.id, resolve));
  }

  /** Try at once, for instance when the network or the window is back. */
  retry() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#pump();
  }

  /** Give up the refused entries of a specimen. */
  async drop(specimenId) {
    for (const entry of this.#refusedOf(specimenId)) await this.#forget(entry);
    this.onChange();
  }

  /** Send the refused entries of a specimen again, now based on another label version. */
  async resend(specimenId, parentId) {
    for (const entry of this.#refusedOf(specimenId)) {
      delete entry.refusal;
      entry.fields.parent_id = parentId;
      await this.#keep(entry);
    }
    this.retry();
  }

  #refusedOf(specimenId) {
    return this.refused.filter((entry) => entry.specimenId === specimenId);
  }

  async #pump() {
    if (this.#sending || this.#timer) return;
    this.#sending = true;
    this.onChange();
    try {
      while (this.waiting.length && !this.#timer) await this.#sendOne(this.waiting[0]);
    } finally {
      this.#sending = false;
      this.onChange();
    }
  }

  async #sendOne(entry) {
    try {
      const answer = await this.send(entry);
      this.#calm();
      await this.#take(entry, answer);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#tries = this.trouble?.status === error.status ? this.#tries + 1 : 1;
      if (isPassing(error.status, this.#tries)) this.#wait(error);
      else await this.#refuse(entry, error);
    }
  }

  #calm() {
    this.trouble = null;
    this.#tries = 0;
  }

  #wait(error) {
    this.trouble = error;
    const pause = PAUSES[Math.min(this.#tries, PAUSES.length) - 1];
    this.#timer = this.later(() => this.retry(), pause);
  }

  async #take(entry, answer) {
    const label = labelAfter(entry, answer);
    for (const next of this.waiting.filter((other) => other.specimenId === entry.specimenId)) {
      if (next === entry) continue;
      if (label !== undefined) next.fields.parent_id = label;
      if (next.retracts === entry.id) {
        next.fields.retracts_id = answer.review_id;
        next.restores = entry.fields.parent_id;
      }
      await this.#keep(next);
    }
    await this.#forget(entry);
    this.onAnswer(entry, answer, label);
    this.#tell(entry, { answer });
  }

  async #refuse(entry, error) {
    this.#calm();
    entry.refusal = { ...error.body, status: error.status, sentence: error.sentence };
    await this.#keep(entry);
    const pointless = this.#entries.filter((other) => other.retracts === entry.id);
    for (const retraction of pointless) await this.#forget(retraction);
    this.#tell(entry, { refusal: entry.refusal });
  }

  /** A browser that stores nothing only makes leaving the page unsafe; sending goes on. */
  #keep(entry) {
    this.#unstored.add(entry.id);
    const stored = () => this.#unstored.delete(entry.id);
    return this.store.put(entry).then(stored, () => {});
  }

  async #forget(entry) {
    this.#unstored.delete(entry.id);
    this.#entries = this.#entries.filter((other) => other !== entry);
    await this.store.remove(entry.id);
  }

  #tell(entry, outcome) {
    this.#listeners.get(entry.id)?.(outcome);
    this.#listeners.delete(entry.id);
  }
}
