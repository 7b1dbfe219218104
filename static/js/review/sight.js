/** One specimen as the curator sees it: the masks to choose from, and what was decided. */

export class Sight {
  /** The decision of this sitting, if any: "accept", "skip", "unusable", "reject", "refused". */
  outcome = null;
  accepted = null;
  #place = 0;

  constructor(item) {
    this.item = item;
    const candidates = item.candidates.map((each) => ({ ...each, kind: "candidate" }));
    const current = item.current;
    const version = current && { ...current, kind: "version", id: current.version_id };
    this.masks = version ? [...candidates, version] : candidates;
    this.rejected = new Set();
    this.#place = Math.max(0, this.masks.indexOf(version));
  }

  /** The mask in view; null when none is left. */
  get mask() {
    return this.masks[this.#place] ?? null;
  }

  get open() {
    return this.masks.filter((mask) => !this.rejected.has(mask));
  }

  /** The first of what is to be loaded, so that the specimen can be shown. */
  get urgent() {
    const { crop } = this.item;
    return { picture: crop.picture, mask: this.mask?.mask ?? null };
  }

  choose(place) {
    if (place >= 0 && place < this.masks.length) this.#place = place;
  }

  chooseVersion() {
    this.choose(this.masks.findIndex((mask) => mask.kind === "version"));
  }

  reject(masks) {
    for (const mask of masks) this.rejected.add(mask);
    const left = this.open[0];
    this.#place = left ? this.masks.indexOf(left) : 0;
    if (!left) this.outcome = "reject";
  }

  /** The state before a decision that was taken back. */
  reopen({ outcome, maskIds }) {
    this.outcome = null;
    if (outcome === "accept") this.accepted = null;
    const back = this.masks.filter((mask) => maskIds.includes(mask.id));
    for (const mask of back) this.rejected.delete(mask);
    if (back.length) this.#place = this.masks.indexOf(back[0]);
  }
}

/** How a decision names the mask that it is about. */
export function naming(mask) {
  return mask.kind === "candidate"
    ? { candidate_id: mask.id, version_id: null }
    : { candidate_id: null, version_id: mask.id };
}
