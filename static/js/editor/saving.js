/** The way of the drawing out of the page: as a label version, as a draft, or merged with another's. */

import { call, formOf, sentenceOf } from "../api.js";
import { maskEntry, secondEntry } from "../outbox/sending.js";
import { encodeMask as encodeHere } from "../png.js";
import { UndoStack } from "../review/undo.js";
import { say } from "../texts.js";
import { encodeMask } from "./files.js";

const LONGEST_FAREWELL = 30_000; // bytes that a browser sends for a page that is gone

export class Saving {
  #accepted = null;

  /**
   * `announce(text)` says something; `onMerge(version)` hears of the version that came in between,
   * `onLate(id)` of the entry for which somebody else was quicker, if the hand has rested since.
   */
  constructor({ data, item, mask, drafts, outbox, announce, onMerge, onLate }) {
    Object.assign(this, { data, item, mask, drafts, outbox, announce, onMerge, onLate });
    outbox.onAnswer = (entry, answer) => this.#answered(entry, answer);
  }

  async accept() {
    if (this.mask.isEmpty) {
      this.announce(this.data.texts.emptyMask);
      return;
    }
    this.announce(this.data.texts.saving);
    this.#accepted = this.drafts.changes;
    const file = await this.#file();
    await this.drafts.pause();
    await this.outbox.drop(this.item.id);
    const make = this.data.second ? secondEntry : maskEntry;
    const entry = make(this.item, "hand", file, { crop_id: this.data.crop.id });
    const { refusal } = await this.outbox.add(entry);
    if (refusal?.current && this.#accepted === this.drafts.changes) this.onLate(entry.id);
  }

  async saveDraft(parentId) {
    const file = await this.#file();
    const form = formOf({ file, parent_id: parentId, crop_id: this.data.crop.id });
    const keepalive = file.size < LONGEST_FAREWELL;
    await call("PUT", `/specimens/${this.item.id}/draft`, { form, keepalive });
  }

  /** Stay here, on top of the version that came in between. */
  async merge({ refusal }) {
    this.rebase(refusal.current.version_id);
    this.onMerge(refusal.current);
    this.announce(this.data.texts.merging);
    await this.outbox.drop(this.item.id);
  }

  async takeTheirs() {
    await this.drafts.stop();
    await call("DELETE", `/specimens/${this.item.id}/draft`).catch(() => {});
    location.assign(this.data.back);
  }

  /** Back to the review; without a server there is nowhere to go. */
  async leave() {
    await this.drafts.flush();
    const isUnsent = this.drafts.isOffline && !this.drafts.isSaved;
    const isAway = isUnsent || !navigator.onLine || this.outbox.trouble?.status === 0;
    if (isAway) this.announce(this.data.texts.drafts.offline);
    else location.assign(this.data.back);
  }

  /** What the strip says of the draft. */
  tell(state, error) {
    const { drafts } = this.data.texts;
    const text = drafts[error?.status === 0 && state === "kept" ? "offline" : state];
    this.announce(say(text, { sentence: error ? sentenceOf(error) : "" }));
  }

  rebase(parentId) {
    this.item.parent_id = parentId;
    this.drafts.rebase(parentId);
  }

  /** In a worker; where there is none, the page has to wait. */
  #file() {
    const { data, width, height } = this.mask;
    return encodeMask(this.mask).catch(() => encodeHere(data, width, height));
  }

  async #answered(entry, answer) {
    if (entry.specimenId !== this.item.id || !entry.file) return;
    if (!this.data.second) this.#remember(entry, answer);
    if (this.#accepted !== this.drafts.changes) {
      this.rebase(answer.version_id); // the hand went on drawing meanwhile
      return;
    }
    await this.drafts.stop();
    location.assign(this.data.next);
  }

  #remember(entry, answer) {
    const undo = new UndoStack(sessionStorage);
    undo.push(this.item.id, "accept", [], [entry]);
    undo.answered(entry, answer);
  }
}
