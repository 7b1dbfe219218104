/** What is said of the box in view, and taking it back; everything goes through the outbox. */

import { uuid } from "../api.js";
import { same } from "./box.js";

export class Desk {
  /** The box as it is drawn now; null: there is none. */
  box = null;
  #item = null;
  #said = [];

  /** `renew(specimenId)` asks the server what an item has become. */
  constructor({ outbox, renew, newId = uuid }) {
    Object.assign(this, { outbox, renew, newId });
  }

  get item() {
    return this.#item;
  }

  open(item) {
    if (this.#item === item) return;
    this.#item = item;
    this.reset();
  }

  reset() {
    this.box = this.#item?.box ?? null;
  }

  get isChanged() {
    return !same(this.box, this.#item?.box ?? null);
  }

  /** Right as it is, or as it is drawn now. */
  confirm() {
    const { box } = this;
    return this.isChanged ? this.#check("corrected", { box }) : this.#check("right");
  }

  nothing() {
    return this.#check("no-specimen");
  }

  /** A box beside becomes a specimen of its own. */
  add(box) {
    const item = this.#item;
    const id = this.newId();
    const record = { id, key: item.key, item, specimenId: null };
    this.#said.push(record);
    const path = `/photographs/${item.photograph_id}/specimens`;
    const fields = { decision_id: id, box };
    // Of no specimen yet: what waits for the one in view is not changed by the answer.
    return this.#send({ id, specimenId: path, key: item.key, path, fields }).then((outcome) => {
      record.specimenId = outcome.answer?.specimen_id ?? null;
      return this.#settled(record, outcome);
    });
  }

  /** Take back what was said last; returns the specimen to show, or nothing. */
  undo() {
    const record = this.#said.at(-1);
    if (!record || record.specimenId === null) return null;
    this.#said.pop();
    const { item, key, specimenId } = record;
    const fields = { verdict: "undone", retracts: record.id, after: record.id };
    const undone = { item };
    const sent = this.#post(specimenId, key, fields, (id) => {
      undone.id = id;
      if (specimenId === item.id) item.pending = id;
    });
    return { specimenId: item.id, done: sent.then((outcome) => this.#settled(undone, outcome)) };
  }

  #check(verdict, more = {}) {
    const item = this.#item;
    const seen = item.pending ? { after: item.pending } : { crop_id: item.crop_id };
    const fields = { verdict, ...seen, parent_id: item.version_id, ...more };
    const record = { key: item.key, item, specimenId: item.id };
    const sent = this.#post(item.id, item.key, fields, (id) => {
      record.id = id;
      item.pending = id;
      item.said = verdict;
      if (more.box) item.box = more.box;
      if (verdict === "no-specimen") item.box = null;
    });
    this.#said.push(record);
    return sent.then((outcome) => this.#settled(record, outcome));
  }

  async #settled(record, { answer, refusal }) {
    if (refusal) this.#said = this.#said.filter((each) => each !== record);
    const { item } = record;
    // Of what was said since, the answer is still on the way.
    const isLast = !item.pending || item.pending === record.id;
    if (isLast) await this.renew(item.id).catch(() => {});
    return { answer, refusal };
  }

  #post(specimenId, key, fields, note = () => {}) {
    const id = this.newId();
    note(id);
    const path = `/specimens/${specimenId}/box-checks`;
    return this.#send({ id, specimenId, key, path, fields: { decision_id: id, ...fields } });
  }

  #send(entry) {
    return this.outbox.add({ ...entry, file: null, picture: null, mask: null });
  }
}
