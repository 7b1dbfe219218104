/**
 * One batch after the other: what is decided leaves it, what is taken back returns to it. Nothing
 * here touches the page or the network: both are handed in.
 */

import { say } from "../texts.js";
import { batchEntry, retraction } from "./deciding.js";

export class Bench {
  isLoading = false;
  /** Why the tiles could not be asked for, until they could be. */
  trouble = null;
  /** Whether a batch was asked for and there was none. */
  isOver = false;
  #takenBack = new Set();
  #hadSome = false;

  /** Why there is no tile, where there is none. */
  get state() {
    if (!this.isOver) return "done";
    return this.#hadSome ? "end" : "none";
  }

  constructor({ batch, source, outbox, undo, texts, onChange, onSay, onWarm = () => {} }) {
    Object.assign(this, { batch, source, outbox, undo, texts, onChange, onSay, onWarm });
  }

  /** The following specimens; those that were set aside are left behind. */
  async next(size) {
    if (this.isLoading) return;
    this.isLoading = true;
    this.onChange();
    try {
      const tiles = await this.source.next(size);
      // The server still offers what is decided here and on its way.
      this.batch.fill(tiles.filter(({ id }) => !this.outbox.unsent.includes(id)));
      this.isOver = this.batch.tiles.length === 0;
      this.#hadSome ||= !this.isOver;
      this.trouble = null;
    } catch (error) {
      if (error.status === undefined) throw error;
      this.trouble = error;
    } finally {
      this.isLoading = false;
    }
    this.onChange({ isNew: true });
    // The one after it is at hand when this one is done.
    if (!this.trouble) this.source.peek(size).then(this.onWarm, () => {});
  }

  async restart(size) {
    this.source.restart();
    await this.next(size);
  }

  accept() {
    return this.#decide(this.batch.rest, { decision: "accept" });
  }

  /** Those that are set aside and have a mask. */
  reject({ reasons, note }) {
    const tiles = this.batch.setAside.filter(({ mask }) => mask);
    return this.#decide(tiles, { decision: "reject", reasons, note });
  }

  /** Take back the newest batch; returns its record, or null. */
  takeBack() {
    const record = this.undo.pop();
    if (!record) return null;
    const count = record.tiles.length;
    const entry = retraction(record, say(this.texts.batch, { count }));
    this.#takenBack.add(record.id);
    this.#send(entry);
    this.batch.putBack(record.tiles, { aside: record.decision === "reject" });
    this.source.total += count;
    this.onChange({ isNew: true });
    return record;
  }

  async #decide(tiles, fields) {
    if (!tiles.length) return;
    const count = tiles.length;
    const entry = batchEntry(tiles, say(this.texts.batch, { count }), fields);
    this.undo.push(entry, fields.decision, tiles);
    this.batch.remove(tiles.map(({ id }) => id));
    this.source.total -= count;
    const { texts } = this;
    const isLeft = fields.decision === "accept" && this.batch.tiles.length > 0;
    this.onSay(say(isLeft ? texts.acceptedSome : texts[fields.decision], { count }));
    this.onChange({ isNew: true });
    await this.#send(entry);
  }

  async #send(entry) {
    await this.outbox.add(entry);
    const refused = this.outbox.refused.find(({ id }) => id === entry.id);
    if (refused) await this.#refused(refused);
  }

  /** Some have moved on: they wait in the banner, and the others go without them. */
  async #refused(entry) {
    const { stale } = entry.refusal;
    const gone = stale?.map((each) => each.specimen_id) ?? entry.specimenIds;
    this.undo.forget(entry.id, gone);
    if (entry.fields.decision === "retract") this.batch.remove(gone);
    if (this.#takenBack.has(entry.id)) await this.outbox.dismiss(entry);
    else if (stale) {
      await this.outbox.sendOthers(entry);
      const others = entry.specimenIds.length - gone.length;
      this.onSay(say(this.texts.stale, { count: gone.length, others }));
    }
    this.onChange({ isNew: true });
  }
}
