/** The masks to choose from, as small pictures on blue with their number keys. */

import { say } from "../texts.js";
import { versionLine } from "./strip.js";

export class Column {
  #shown = null;
  #entries = [];

  /** `versionKey` is the key of the current label; the other masks have numbers. */
  constructor(root, { texts, pictures, versionKey, onChoose }) {
    Object.assign(this, { texts, pictures, versionKey, onChoose });
    this.list = root.querySelector("ol");
    this.template = root.querySelector("template");
    this.none = root.querySelector("[data-none]");
    this.order = root.querySelector("[data-order]");
  }

  show(sight) {
    if (sight !== this.#shown) this.#fill(sight);
    this.#shown = sight;
    this.none.hidden = !sight || sight.open.length > 0;
    for (const { mask, line, button } of this.#entries) {
      if (mask === sight.mask) line.scrollIntoView({ block: "nearest", inline: "nearest" });
      button.setAttribute("aria-pressed", String(mask === sight.mask));
      button.classList.toggle("rejected", sight.rejected.has(mask));
      button.classList.toggle("accepted", sight.accepted === mask);
    }
    this.paint();
  }

  /** Draw the small pictures that have arrived meanwhile. */
  paint() {
    const picture = this.#shown?.item.crop.picture;
    for (const entry of this.#entries) {
      const wanted = { picture, mask: entry.mask.mask };
      if (entry.painted || !this.pictures.isReady(wanted)) continue;
      const small = this.pictures.thumbnail(wanted);
      Object.assign(entry.canvas, { width: small.width, height: small.height });
      entry.canvas.getContext("2d").drawImage(small, 0, 0);
      entry.painted = true;
    }
  }

  #fill(sight) {
    this.order.textContent = sight?.item.order ?? "";
    this.#entries = (sight?.masks ?? []).map((mask, place) => this.#entry(mask, place));
    this.list.replaceChildren(...this.#entries.map((entry) => entry.line));
  }

  #entry(mask, place) {
    const line = this.template.content.firstElementChild.cloneNode(true);
    const part = (name) => line.querySelector(`[data-part="${name}"]`);
    const isVersion = mask.kind === "version";
    part("key").textContent = isVersion ? this.versionKey : place + 1;
    part("key").hidden = !isVersion && place > 8;
    part("title").textContent = isVersion ? this.texts.current : mask.title;
    part("detail").textContent = isVersion ? versionLine(this.texts, mask) : this.#detail(mask);
    const button = line.querySelector("button");
    button.addEventListener("click", () => this.onChoose(place));
    return { mask, line, button, canvas: line.querySelector("canvas"), painted: false };
  }

  #detail({ score, agreeing }) {
    const shown = { score: score.toFixed(2), others: agreeing.join(", ") };
    return say(agreeing.length ? this.texts.agreed : this.texts.score, shown);
  }
}
