/** The mask being drawn: what changes it is shown, can be taken back, and is told to whom it concerns. */

import { History } from "./history.js";
import { isEmpty } from "./rect.js";

export class Work {
  /** `onChange(rect)` hears of every step forward or back. */
  constructor({ mask, easel, heavy, onChange }) {
    Object.assign(this, { mask, easel, heavy, onChange });
    this.history = new History(mask);
  }

  /** A gesture has ended that changed the mask, already shown, within this rectangle. */
  finish(rect) {
    if (!isEmpty(rect) && this.history.record(rect)) this.onChange(rect);
  }

  /** A gesture that is not meant: as if it had never begun. */
  giveUp(rect) {
    if (isEmpty(rect)) return;
    this.history.revert(rect);
    this.easel.changed(rect);
  }

  undo() {
    this.#stepped(this.history.undo());
  }

  redo() {
    this.#stepped(this.history.redo());
  }

  /** Take over other pixels in one step; false when they are the same. */
  replace(data) {
    const rect = this.mask.replace(data);
    if (isEmpty(rect)) return false;
    this.easel.changed(rect);
    this.finish(rect);
    return true;
  }

  /** An operation on the whole mask; nobody may draw meanwhile. */
  async run(name, ...args) {
    return this.replace(await this.heavy.run(name, this.mask, ...args));
  }

  #stepped(rect) {
    if (isEmpty(rect)) return;
    this.easel.changed(rect);
    this.onChange(rect);
  }
}
