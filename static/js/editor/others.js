/** The other masks of the specimen: one can be shown as an outline, copied from, or taken over. */

import { clock, say } from "../texts.js";
import { fetchMask } from "./files.js";

export class Others {
  #entries = [];
  #chosen = null;

  /**
   * `onChoose(pixels)` hears of the mask that was chosen, or null; `onTake(pixels)` of one to go on
   * from; `onTrouble()` when it cannot be had.
   */
  constructor(root, { texts, crop, ...hears }) {
    Object.assign(this, { texts, crop, ...hears });
    this.list = root.querySelector("ol");
    this.template = root.querySelector("template");
  }

  /** A label version or candidate as the page's data has it. */
  add(mask, options) {
    const isVersion = mask.kind === "version";
    const title = isVersion ? say(this.texts.numbered, { number: mask.number }) : mask.title;
    const detail = isVersion ? this.#author(mask) : this.#detail(mask);
    const load = () => fetchMask(mask.mask_full, this.crop);
    return this.addOwn({ load, ...mask, title, detail }, options);
  }

  /** `small` is the address of a picture, `paint(canvas)` draws one; `load` resolves to pixels. */
  addOwn(entry, { first = false } = {}) {
    const line = this.template.content.firstElementChild.cloneNode(true);
    const part = (name) => line.querySelector(`[data-part="${name}"]`);
    const made = { ...entry, line, button: part("choose"), start: part("start") };
    part("title").textContent = entry.title;
    part("detail").textContent = entry.detail ?? "";
    made.button.classList.toggle("rejected", Boolean(entry.rejected));
    part("small").hidden = !entry.small;
    part("painted").hidden = !entry.paint;
    if (entry.small) part("small").src = entry.small;
    entry.paint?.(part("painted"));
    made.button.addEventListener("click", () => this.choose(made === this.#chosen ? null : made));
    made.start.addEventListener("click", () => this.#take(made));
    if (first) this.list.prepend(line);
    else this.list.append(line);
    this.#entries.push(made);
    return made;
  }

  /** Something to copy from: the first that the drawing did not begin with, if there is one. */
  suggest(start) {
    const masks = this.#entries.filter((each) => each.mask_full);
    const wanted = masks.find((each) => each.mask_full !== start) ?? masks[0];
    if (wanted) this.choose(wanted);
  }

  find(test) {
    return this.#entries.find(test);
  }

  async choose(entry) {
    this.#chosen = entry;
    for (const { button, start } of this.#entries) {
      const isChosen = button === entry?.button;
      button.setAttribute("aria-pressed", String(isChosen));
      start.hidden = !isChosen;
    }
    entry?.line.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.onChoose(null); // until it is here, nothing is copied from the one before
    entry?.line.setAttribute("aria-busy", "true");
    await this.#load(entry, (pixels) => entry === this.#chosen && this.onChoose(pixels));
    entry?.line.removeAttribute("aria-busy");
  }

  #take(entry) {
    return this.#load(entry, (pixels) => this.onTake(pixels));
  }

  async #load(entry, hear) {
    let pixels = null;
    try {
      pixels = entry && (await entry.load());
    } catch {
      this.onTrouble();
      return;
    }
    hear(pixels);
  }

  #author({ person, created_at }) {
    return say(this.texts.author, { person, time: clock(created_at) });
  }

  #detail({ score, rejected }) {
    const text = say(this.texts.score, { score: score.toFixed(2) });
    return rejected ? say(this.texts.rejectedMask, { detail: text }) : text;
  }
}
