/**
 * A sitting at the review page: the specimens behind and ahead, and the decisions on them.
 *
 * Decisions take effect here at once; the outbox brings them to the server. Nothing here touches
 * the page or the network: both are handed in.
 */

import { decisionEntry, seen } from "../outbox/sending.js";
import { Sight, naming } from "./sight.js";

export const AHEAD = 5;
const LONGEST_EXCLUSION = 200;

export class Session {
  sights = [];
  index = 0;
  counts = { waiting: 0, labelled: 0, total: 0 };
  isLoading = false;
  /** Why the queue could not be asked, until it could be again. */
  trouble = null;
  #since = 0;

  constructor({ loadQueue, loadItem, outbox, undo, onChange }) {
    Object.assign(this, { loadQueue, loadItem, outbox, undo, onChange });
    outbox.onAnswer = (entry, answer, label) => this.#answered(entry, answer, label);
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
      this.counts = counts;
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
    this.#goTo(Math.min(this.index + 1, this.sights.length));
  }

  previous() {
    this.#goTo(Math.max(this.index - 1, 0));
  }

  choose(place) {
    this.current?.choose(place);
    this.onChange();
  }

  chooseVersion() {
    this.current?.chooseVersion();
    this.onChange();
  }

  accept() {
    const sight = this.current;
    const mask = sight?.mask;
    if (!mask || sight.rejected.has(mask)) return;
    if (sight.accepted !== mask) {
      this.#decide(sight, "accept", [mask], [{ decision: "accept", ...naming(mask) }]);
      sight.accepted = mask;
    }
    this.#finish(sight, "accept");
  }

  /** Reject the mask in view, or every one; goes on when none is left. */
  reject({ reasons, note, all }) {
    const sight = this.current;
    const masks = all ? sight.open.filter((mask) => mask.kind === "candidate") : [sight.mask];
    const fields = masks.map((mask) => ({ decision: "reject", reasons, note, ...naming(mask) }));
    this.#decide(sight, "reject", masks, fields);
    sight.reject(masks);
    if (sight.outcome) this.next();
    else this.onChange();
  }

  skip() {
    const sight = this.current;
    if (!sight) return;
    this.#decide(sight, "skip", [], [{ decision: "skip" }]);
    this.#finish(sight, "skip");
  }

  unusable({ reasons, note }) {
    const sight = this.current;
    this.#decide(sight, "unusable", [], [{ decision: "unusable", reasons, note }]);
    this.#finish(sight, "unusable");
  }

  /** A mask of one's own was saved: it is the label now, and stays in view to be looked at. */
  async saved(entry) {
    this.undo.push(entry.specimenId, "accept", [], [entry]);
    this.#count(1);
    const sight = await this.reload(entry.specimenId);
    if (!sight) return;
    [sight.accepted, sight.outcome] = [sight.mask, "accept"];
    this.onChange();
  }

  /** Take back the newest decision and show its specimen again. */
  async takeBack() {
    const record = this.undo.pop();
    if (!record) return null;
    const place = this.sights.findLastIndex(({ item }) => item.id === record.specimenId);
    const known = this.sights[place];
    const item = known?.item ?? { id: record.specimenId, key: "", parent_id: null };
    const sent = record.decisions.toReversed().map((decision) => this.#retract(item, decision));
    if (record.outcome === "accept") this.#count(-1);
    if (known) {
      known.reopen(record);
      this.#goTo(place);
    } else {
      await Promise.all(sent);
      this.sights.splice(this.index, 0, new Sight(await this.loadItem(record.specimenId)));
      this.onChange();
    }
    return record;
  }

  /** The newest state of a specimen, after somebody else changed it. */
  async reload(specimenId) {
    const place = this.sights.findLastIndex(({ item }) => item.id === specimenId);
    if (place < 0) return null;
    this.sights[place] = new Sight(await this.loadItem(specimenId));
    this.onChange();
    return this.sights[place];
  }

  #retract(item, { id, reviewId, parentId }) {
    const fields = { decision: "retract", retracts_id: reviewId };
    return this.outbox.add(decisionEntry(item, fields, { retracts: id, restores: parentId }));
  }

  #decide(sight, outcome, masks, wanted) {
    const entries = wanted.map((fields, i) =>
      decisionEntry(sight.item, fields, seen(sight.item, masks[i] ?? sight.mask)),
    );
    this.undo.push(sight.item.id, outcome, masks, entries);
    for (const entry of entries) this.outbox.add(entry);
  }

  #finish(sight, outcome) {
    if (outcome === "accept" && sight.outcome !== "accept") this.#count(1);
    sight.outcome = outcome;
    this.next();
  }

  #count(change) {
    this.counts = { ...this.counts, labelled: this.counts.labelled + change };
  }

  #answered(entry, answer, label) {
    this.undo.answered(entry, answer);
    const same = this.sights.filter(({ item }) => item.id === entry.specimenId);
    if (label !== undefined) for (const { item } of same) item.parent_id = label;
  }

  #goTo(index) {
    this.index = index;
    this.onChange();
    return this.fill();
  }

  #recent() {
    return this.sights.slice(Math.min(this.#since, this.index));
  }

  #excluded() {
    const seen = this.#recent().map((sight) => sight.item.id);
    const unsent = this.outbox.waiting.map((entry) => entry.specimenId);
    return [...new Set([...unsent, ...seen.slice(-LONGEST_EXCLUSION)])];
  }
}
