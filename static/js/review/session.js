/**
 * The decisions of a sitting. They take effect in the line at once; the outbox brings them to the
 * server. Nothing here touches the page or the network: both are handed in.
 */

import { decisionEntry, seen } from "../outbox/sending.js";
import { naming } from "./sight.js";

export class Session {
  constructor({ line, outbox, undo, onChange }) {
    Object.assign(this, { line, outbox, undo, onChange });
    outbox.onAnswer = (entry, answer, label) => this.#answered(entry, answer, label);
  }

  get current() {
    return this.line.current;
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

  /** Reject the mask in view, or every candidate; goes on when none is left. */
  reject({ reasons, note, all }) {
    const sight = this.current;
    const masks = all ? sight.open.filter((mask) => mask.kind === "candidate") : [sight.mask];
    const fields = masks.map((mask) => ({ decision: "reject", reasons, note, ...naming(mask) }));
    this.#decide(sight, "reject", masks, fields);
    sight.reject(masks);
    if (sight.outcome === "reject") this.line.next();
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

  /** Take back the newest decision and show its specimen again; returns its record, or null. */
  async takeBack() {
    const record = this.undo.pop();
    if (!record) return null;
    const { specimenId, outcome, decisions } = record;
    const place = this.line.placeOf(specimenId);
    const known = this.line.sights[place];
    const item = known?.item ?? { id: specimenId, key: "", parent_id: null };
    const sent = decisions.toReversed().map((decision) => this.#retract(item, decision));
    if (outcome === "accept") this.line.count(-1);
    if (known) {
      known.reopen(record);
      this.line.goTo(place);
    } else {
      await Promise.all(sent);
      await this.line.insert(specimenId);
    }
    return record;
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
    for (const entry of entries) this.#send(sight, entry);
  }

  async #send(sight, entry) {
    const { refusal } = await this.outbox.add(entry);
    if (!refusal) return;
    this.undo.forget(entry.id);
    if (sight.outcome === "accept") this.line.count(-1);
    [sight.outcome, sight.accepted] = ["refused", null];
    this.onChange();
  }

  #finish(sight, outcome) {
    if (outcome === "accept" && sight.outcome !== "accept") this.line.count(1);
    sight.outcome = outcome;
    this.line.next();
  }

  #answered(entry, answer, label) {
    if (entry.file) this.undo.push(entry.specimenId, "accept", [], [entry]);
    this.undo.answered(entry, answer);
    const same = this.line.sights.filter(({ item }) => item.id === entry.specimenId);
    if (label !== undefined) for (const { item } of same) item.parent_id = label;
    if (entry.file) this.#saved(entry);
  }

  /** A mask of one's own was saved: it is the label now, and stays in view to be looked at. */
  async #saved(entry) {
    this.line.count(1);
    const sight = await this.line.reload(entry.specimenId);
    if (!sight) return;
    [sight.accepted, sight.outcome] = [sight.mask, "accept"];
    this.onChange();
  }
}
