/** Two masks of one specimen on blue, and where they differ: somebody else's, and the one refused. */

import { fetchBitmap, canvasOf, maskOf, pixelsOf } from "../images.js";
import { listenIn } from "../keys.js";
import { compose, difference } from "../review/compose.js";
import { Stage } from "../review/stage.js";
import { clock, say } from "../texts.js";
import { View } from "../view.js";

const SIDES = ["theirs", "mine", "difference"];

/** The refused mask: as the server read it, as the file it came in, or as the candidate it was. */
function ownMask({ refusal, file, mask }) {
  if (refusal.mine) return fetchBitmap(refusal.mine.mask);
  if (file) return createImageBitmap(file);
  return mask ? fetchBitmap(mask) : null;
}

export class Conflict {
  #entry = null;

  /** Without `onMerge(entry)` merging is not offered. */
  constructor(dialog, { texts, outbox, onTheirs, onMerge = null }) {
    Object.assign(this, { dialog, texts, outbox, onTheirs, onMerge });
    this.part = (name) => dialog.querySelector(`[data-part="${name}"]`);
    const view = new View();
    const onMove = () => this.stages.forEach((stage) => stage.draw());
    this.stages = SIDES.map((side) => new Stage(this.part(side), { view, onMove }));
    const acts = {
      t: ["take-theirs", () => this.#takeTheirs()],
      k: ["keep-mine", () => this.#keepMine()],
      e: ["merge", () => this.#merge()],
    };
    for (const [name, act] of Object.values(acts)) this.part(name).addEventListener("click", act);
    listenIn(dialog, Object.fromEntries(Object.entries(acts).map(([key, [, act]]) => [key, act])));
  }

  async open(entry) {
    this.#entry = entry;
    const { current, error } = entry.refusal;
    this.part("key").textContent = entry.key;
    this.part("what").textContent = error;
    const { number, person, created_at } = current;
    const time = clock(created_at);
    this.part("theirs-title").textContent = say(this.texts.theirs, { number, person, time });
    this.part("mine-title").textContent = this.texts.mine[entry.fields.decision ?? "accept"];
    const isMask = (entry.fields.decision ?? "accept") === "accept";
    this.part("keep-version").hidden = !isMask;
    this.part("keep-decision").hidden = isMask;
    this.#offer(false);
    this.stages.forEach((stage) => stage.clear("blue"));
    this.dialog.showModal();
    const loading = [fetchBitmap(entry.picture), fetchBitmap(current.mask), ownMask(entry)];
    const [picture, theirs, mine] = await Promise.all(loading);
    if (this.#entry === entry) this.#paint(picture, theirs, mine);
  }

  /** Without a mask there is nothing to compare, without one to be kept nothing to merge. */
  #offer(hasMask) {
    this.part("difference").closest("figure").hidden = !hasMask;
    const isKept = !this.part("keep-version").hidden;
    this.part("merge").hidden = !hasMask || !isKept || !this.onMerge;
  }

  #paint(picture, theirBitmap, ownBitmap) {
    const { width, height } = picture;
    const pixels = new Uint32Array(pixelsOf(picture).data.buffer);
    const theirs = maskOf(theirBitmap, width, height);
    const mine = ownBitmap && maskOf(ownBitmap, width, height);
    const onBlue = (mask) => compose(pixels, mask, width, "blue");
    const pictures = [onBlue(theirs), mine ? onBlue(mine) : pixels];
    if (mine) pictures.push(difference(pixels, mine, theirs));
    this.#offer(Boolean(mine));
    pictures.forEach((words, side) => {
      const image = new ImageData(new Uint8ClampedArray(words.buffer), width, height);
      this.stages[side].show(canvasOf(image), picture, side === 2 ? "difference" : "blue");
    });
    this.stages[0].fit();
    this.dialog.dataset.specimen = this.#entry.specimenId;
  }

  async #takeTheirs() {
    this.dialog.close();
    await this.outbox.dismiss(this.#entry);
    this.onTheirs(this.#entry.specimenId);
  }

  #keepMine() {
    this.dialog.close();
    this.outbox.again(this.#entry, this.#entry.refusal.current.version_id);
  }

  #merge() {
    if (this.part("merge").hidden) return;
    this.dialog.close();
    this.onMerge(this.#entry);
  }
}
