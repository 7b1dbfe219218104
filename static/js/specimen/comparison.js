/** The card that shows one mask on blue, or what a second one adds and removes. */

import { call, sentenceOf } from "../api.js";
import { say } from "../texts.js";

/** Dice as people read it: never 1.000 while a pixel differs. */
export function diceText({ dice, added, removed }) {
  return added || removed ? Math.min(dice, 0.9999).toFixed(dice > 0.999 ? 4 : 3) : "1";
}

export function count(number) {
  return number.toLocaleString(document.documentElement.lang);
}

export function compare(old, new_) {
  return call("GET", `/comparisons/${old}/${new_}`);
}

export class Comparison {
  #shown = "";

  constructor(root, texts) {
    this.texts = texts;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
  }

  /** `masks` are the buttons of what is picked, the older one first. */
  async show(masks) {
    const names = masks.map(({ dataset }) => dataset.pick);
    this.#shown = names.join();
    this.part("result").hidden = masks.length < 2;
    this.part("link").hidden = !masks.length;
    this.part("hint").hidden = masks.length === 2;
    if (masks.length === 1) this.#picture(masks[0].dataset, masks[0].dataset.title);
    if (masks.length < 2) return;
    try {
      const found = await compare(...names);
      if (this.#shown === names.join()) this.#tell(found, masks);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.part("result").hidden = true;
      this.part("hint").hidden = false;
      this.part("hint").textContent = say(this.texts.failed, { sentence: sentenceOf(error) });
    }
  }

  #tell(found, [old, new_]) {
    const [oldTitle, newTitle] = [old.dataset.title, new_.dataset.title];
    this.#picture(found, say(this.texts.title, { old: oldTitle, new: newTitle }));
    this.part("added").textContent = say(this.texts.added, { count: count(found.added) });
    this.part("removed").textContent = say(this.texts.removed, { count: count(found.removed) });
    this.part("dice").textContent = say(this.texts.agreement, { dice: diceText(found) });
  }

  #picture({ picture, full }, title) {
    this.part("title").textContent = title;
    this.part("link").href = full;
    Object.assign(this.part("picture"), { src: picture, alt: title });
  }
}
