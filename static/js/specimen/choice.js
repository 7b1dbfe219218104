/** Which masks are in view: one, or two to be compared. Names are "version-12", "candidate-7". */

const MOST = 2;

/** Versions come before candidates, and what was made earlier before what was made later. */
function place(name) {
  const [kind, number] = name.split("-");
  return (kind === "version" ? 0 : 1e15) + Number(number);
}

export class Choice {
  #picked = [];

  /** Pick a mask, or put it back; of three the one that was picked first goes. */
  toggle(name) {
    if (this.has(name)) this.#picked = this.#picked.filter((other) => other !== name);
    else this.#picked = [...this.#picked, name].slice(-MOST);
  }

  has(name) {
    return this.#picked.includes(name);
  }

  /** What is picked, the older one first. */
  get names() {
    return this.#picked.toSorted((a, b) => place(a) - place(b));
  }
}
