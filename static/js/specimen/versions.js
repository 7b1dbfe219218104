/** The list of versions: older ones are fetched, and Dice is asked for, when they come into view. */

import { localise } from "../moments.js";
import { say } from "../texts.js";
import { compare, count, diceText } from "./comparison.js";

export class Versions {
  #observer = new IntersectionObserver((seen) => this.#see(seen), { rootMargin: "300px" });

  constructor(list, texts) {
    Object.assign(this, { list, texts });
    this.#watch();
    list.addEventListener("click", ({ target }) => target.dataset.more && this.#fetchMore(target));
  }

  #watch() {
    for (const part of this.list.querySelectorAll("[data-dice], [data-more]")) {
      this.#observer.observe(part);
    }
  }

  #see(seen) {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      this.#observer.unobserve(target);
      if (target.dataset.more) this.#fetchMore(target);
      else this.#measure(target);
    }
  }

  /** If it fails the button stays, to be clicked. */
  async #fetchMore(button) {
    if (button.disabled) return;
    button.disabled = true;
    const response = await fetch(button.dataset.more).catch(() => ({ ok: false }));
    button.disabled = false;
    if (!response.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    localise(template.content);
    button.closest("li").replaceWith(template.content);
    this.#watch();
  }

  async #measure(line) {
    const { old, new: new_, number } = line.dataset;
    try {
      const found = await compare(old, new_);
      const [added, removed] = [count(found.added), count(found.removed)];
      const isSame = !found.added && !found.removed;
      const values = { number, added, removed, dice: diceText(found) };
      line.textContent = say(isSame ? this.texts.same : this.texts.dice, values);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#observer.observe(line);
    }
  }
}
