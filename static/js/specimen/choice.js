/** Which masks are in view: one, or two to be compared. Names are "version-12", "candidate-7". */

const MOST = 2;

/** Versions come before candidates, and what was made earlier before what was made later. */
function place(name) {
  const [kind, number] = name.split("-");
  return (kind === "version" ? 0 : 1e15) + Number(number);
}

export class Choice {
  #picked = [];

  /** Pick one mask, then the other; with two in view a choice begins anew, so that two clicks do. */
  pick(name) {
    if (this.#picked.length === MOST) this.#picked = [];
    if (!this.has(name)) this.#picked.push(name);
  }

  has(name) {
    return this.#picked.includes(name);
  }

  /** What is picked, the older one first. */
  get names() {
    return this.#picked.toSorted((a, b) => place(a) - place(b));
  }
}
