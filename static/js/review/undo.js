/**
 * Own decisions of this sitting, newest last, so that they can be taken back.
 *
 * One record per key press: {specimenId, outcome, maskIds, decisions: [{id, reviewId, parentId}]}.
 * They outlive the way to the editor and back, but not the window.
 */

const PLACE = "mothmask.decisions";
const DEPTH = 200;

export class UndoStack {
  #records;

  constructor(storage) {
    this.storage = storage;
    this.#records = JSON.parse(storage.getItem(PLACE) ?? "[]");
  }

  get size() {
    return this.#records.length;
  }

  push(specimenId, outcome, masks, entries) {
    const decisions = entries.map(({ id, fields }) => ({
      id,
      reviewId: null,
      parentId: fields.parent_id,
    }));
    const maskIds = masks.map((mask) => mask.id);
    this.#records.push({ specimenId, outcome, maskIds, decisions });
    this.#records.splice(0, this.#records.length - DEPTH);
    this.#keep();
  }

  pop() {
    const record = this.#records.pop();
    this.#keep();
    return record;
  }

  /** The server has recorded a decision under its own number. */
  answered(entry, answer) {
    for (const decision of this.#records.flatMap((record) => record.decisions)) {
      if (decision.id !== entry.id) continue;
      decision.reviewId = answer.review_id;
      decision.parentId = entry.fields.parent_id;
    }
    this.#keep();
  }

  /** A decision that was refused leaves nothing to take back. */
  forget(id) {
    for (const record of this.#records) {
      record.decisions = record.decisions.filter((decision) => decision.id !== id);
    }
    this.#records = this.#records.filter((record) => record.decisions.length);
    this.#keep();
  }

  #keep() {
    this.storage.setItem(PLACE, JSON.stringify(this.#records));
  }
}
