/**
 * A decision on many specimens: one entry of the outbox, one transaction on the server.
 *
 * The id of each decision is made of the entry's, so that taking back needs no answer to have come.
 */

import { uuid } from "../api.js";

const PLACE = "mothmask.batches";
const DEPTH = 20;

const decisionId = (batch, { id }) => `${batch}.${id}`;

/** What the outbox keeps and sends; see static/js/outbox/entries.js. */
export function batchEntry(tiles, key, { decision, reasons = [], note = "" }) {
  const id = uuid();
  const items = tiles.map((tile) => ({
    decision_id: decisionId(id, tile),
    specimen_id: tile.id,
    candidate_id: tile.candidate,
    version_id: tile.version,
    parent_id: tile.parent,
  }));
  return entry(id, tiles, key, { decision, reasons, note, items });
}

/** Takes back what a batch decided. */
export function retraction({ id: batch, tiles, restores }, key) {
  const id = uuid();
  const items = tiles.map((tile) => ({
    decision_id: decisionId(id, tile),
    specimen_id: tile.id,
    retracts: decisionId(batch, tile),
  }));
  const fields = { decision: "retract", items };
  return { ...entry(id, tiles, key, fields), retracts: batch, restores };
}

function entry(id, tiles, key, fields) {
  const seen = tiles.map(({ id: specimen, key: own, crop, mask }) => [
    specimen,
    {
      key: own,
      picture: `/pictures/blobs/${crop}.png`,
      mask: mask && `/pictures/masks/${mask}.png?side=1600`,
    },
  ]);
  const specimenIds = tiles.map((tile) => tile.id);
  return {
    id, specimenIds, key, path: "/reviews", fields, file: null, seen: Object.fromEntries(seen),
  };
}

/** Batches of this sitting, newest last, so that they can be taken back. */
export class BatchUndo {
  #records;

  constructor(storage) {
    this.storage = storage;
    this.#records = JSON.parse(storage.getItem(PLACE) ?? "[]");
  }

  push({ id }, decision, tiles) {
    // Where there was no label before, there is none after; otherwise the server says which.
    const restores = tiles.some(({ parent }) => parent) ? undefined : null;
    this.#records.push({ id, decision, tiles, restores });
    this.#records.splice(0, this.#records.length - DEPTH);
    this.#keep();
  }

  pop() {
    const record = this.#records.pop() ?? null;
    this.#keep();
    return record;
  }

  /** Specimens that were refused have nothing to take back. */
  forget(id, specimenIds) {
    const gone = new Set(specimenIds);
    for (const record of this.#records) {
      if (record.id !== id) continue;
      record.tiles = record.tiles.filter((tile) => !gone.has(tile.id));
    }
    this.#records = this.#records.filter((record) => record.tiles.length);
    this.#keep();
  }

  /** A browser without room for it only forgets the undo when the page is left. */
  #keep() {
    try {
      this.storage.setItem(PLACE, JSON.stringify(this.#records));
    } catch {
      this.storage.removeItem(PLACE);
    }
  }
}
