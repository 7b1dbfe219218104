/**
 * Decisions on their way to the server: kept until it has answered, sent in order, one at a time.
 *
 * The id of an entry (entries.js) is the decision's, so sending twice is harmless. What a later
 * entry of the same specimen must know of an earlier answer is filled in when it comes. Several
 * pages share one store: `alone` lets one at a time send, which looks first at what is kept.
 */

import { concerned, follow, labelAfter, rebase, retracting, single, split } from "./entries.js";
import { Pace } from "./pace.js";
import { Shelf, inTurn } from "./shelf.js";

export class Outbox {
  #entries = [];
  #listeners = new Map();
  #sending = false;
  #pace;
  #shelf;

  /** `alone(act)` runs one act of all pages at a time; `later` is setTimeout. */
  constructor({ store, send, person, alone = inTurn, later }) {
    Object.assign(this, { send, person, alone });
    this.#pace = new Pace(later);
    this.#shelf = new Shelf(store);
    this.onChange = () => {};
    this.onAnswer = () => {};
  }

  /** Take up what other pages have left behind. */
  async open() {
    const kept = await this.#shelf.all(this.person);
    // A refusal that is kept no more was settled on another page.
    const isKept = (entry) => !this.#shelf.has(entry) || kept.some(({ id }) => id === entry.id);
    const own = this.#entries.filter((entry) => !entry.refusal || isKept(entry));
    const found = kept.filter(({ id }) => !own.some((entry) => entry.id === id));
    this.#entries = [...own, ...found].sort((a, b) => a.order - b.order);
    this.#pump();
  }

  get trouble() {
    return this.#pace.trouble;
  }

  get waiting() {
    return this.#entries.filter((entry) => !entry.refusal);
  }

  /** Those that outlive this page: only of them may the page say that they are kept. */
  get kept() {
    return this.waiting.filter((entry) => this.#shelf.has(entry));
  }

  /** Those that the browser could not store. */
  get homeless() {
    return this.waiting.filter((entry) => this.#shelf.hasFailed(entry));
  }

  get refused() {
    return this.#entries.filter((entry) => entry.refusal);
  }

  /** Whether closing the page now would lose something. */
  get isUnsafe() {
    return this.#shelf.isUnsafe;
  }

  get unsent() {
    return [...new Set(this.waiting.flatMap(concerned))];
  }

  /** Resolves to {answer} or {refusal}; meanwhile the entry is safe. */
  add(wanted) {
    const last = this.#entries.at(-1)?.order ?? 0;
    const entry = { ...wanted, person: this.person, order: Math.max(Date.now(), last + 1) };
    this.#entries.push(entry);
    const told = new Promise((resolve) => this.#listeners.set(entry.id, resolve));
    this.#keep(entry).then(() => this.#pump());
    return told;
  }

  /** Try at once: the network or the window is back. */
  retry() {
    this.#pace.resume();
    return this.open();
  }

  /** Give up a refused entry, with what was refused after it for the same specimen. */
  async dismiss(entry) {
    for (const each of this.#refusedWith(entry)) await this.#forget(each);
    this.onChange();
  }

  drop(specimenId) {
    return this.dismiss({ specimenId });
  }

  /** Send refused entries again, as they are or based on another label version. */
  async again(entry, parentId) {
    for (const each of this.#refusedWith(entry)) {
      if (parentId !== undefined) rebase(each, each.specimenId, parentId);
      delete each.refusal;
      await this.#keep(each);
    }
    await this.retry();
  }

  /** Of a refused decision on many specimens, send what was not stale; the others stay refused. */
  async sendOthers(entry) {
    const others = split(entry);
    this.#entries.splice(this.#entries.indexOf(entry), 1, ...others);
    for (const each of others) await this.#keep(each);
    if (!others.some(({ id }) => id === entry.id)) await this.#shelf.forget(entry);
    await this.retry();
  }

  #refusedWith(entry) {
    if (entry.specimenIds) return [entry];
    return this.refused.filter(({ specimenId }) => specimenId === entry.specimenId);
  }

  async #pump() {
    this.onChange();
    if (this.#sending || this.#pace.isPausing) return;
    this.#sending = true;
    try {
      while (this.waiting.length && !this.#pace.isPausing) await this.alone(() => this.#next());
    } finally {
      this.#sending = false;
      this.onChange();
    }
  }

  async #next() {
    const [entry] = this.waiting;
    if (!entry || !(await this.#isOpen(entry))) return;
    try {
      const answer = await this.send(entry);
      this.#pace.calm();
      await this.#take(entry, answer);
    } catch (error) {
      if (error.status === undefined) throw error;
      if (this.#pace.passes(error)) this.#wait(error);
      else await this.#refuse(entry, error);
    }
  }

  /** Whether an entry is still to be sent: another page may have brought it to an end. */
  async #isOpen(entry) {
    const latest = await this.#shelf.latest(entry);
    Object.assign(entry, latest);
    if (entry.refusal) this.#tell(entry, { refusal: entry.refusal });
    // What this page made is sent again for its answer: the same id is the same decision.
    const isOpen = !entry.refusal && Boolean(latest || this.#listeners.has(entry.id));
    if (!isOpen && !entry.refusal) await this.#forget(entry);
    return isOpen;
  }

  #wait(error) {
    this.#pace.pause(error, () => this.retry());
    for (const entry of this.homeless) this.#keep(entry);
  }

  async #take(entry, answer) {
    const decisions = single(entry, answer);
    const changed = decisions.flatMap((each) => follow(this.waiting, each));
    for (const next of changed) await this.#keep(next);
    await this.#forget(entry);
    for (const each of decisions) {
      this.onAnswer(each.entry, each.answer, labelAfter(each.entry, each.answer));
    }
    this.#tell(entry, { answer });
  }

  async #refuse(entry, error) {
    this.#pace.calm();
    entry.refusal = { ...error.body, status: error.status, sentence: error.sentence };
    await this.#keep(entry);
    for (const pointless of retracting(this.#entries, entry)) await this.#forget(pointless);
    this.#tell(entry, { refusal: entry.refusal });
  }

  async #keep(entry) {
    await this.#shelf.keep(entry);
    this.onChange();
  }

  async #forget(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    await this.#shelf.forget(entry);
  }

  #tell(entry, outcome) {
    this.#listeners.get(entry.id)?.(outcome);
    this.#listeners.delete(entry.id);
  }
}
