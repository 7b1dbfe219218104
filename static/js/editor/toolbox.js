/** Which tool is in hand and how it is set; shows the options of that tool and of no other. */

import { say } from "../texts.js";

const REMEMBERED = "mothmask.tools";
/** Of the longer side of the crop: a tip that looks the same on small and large crops. */
const FIRST_SIZE = 1 / 120;
const SMALLEST = 2;
/** Steps of the size slider in which the tip doubles. */
const PER_DOUBLING = 10;
const WITH_TIP = new Set(["brush", "eraser", "superpixels"]);

export class Toolbox {
  constructor({ root, options, hand, size, easel, cursor, maps, texts, storage, onPick }) {
    Object.assign(this, { root, hand, size, easel, cursor, maps, texts, storage, onPick });
    this.options = options;
    this.input = (name) => options.querySelector(`[name="${name}"]`);
    this.part = (name) => options.querySelector(`[data-part="${name}"]`);
    this.#recall();
    this.input("size").addEventListener("input", ({ target }) => {
      this.scale(2 ** (target.value / PER_DOUBLING) / this.size.radius);
    });
    this.input("tolerance").addEventListener("input", ({ target }) => {
      hand.tools.wand.step = Number(target.value);
      this.show();
    });
    this.holds = [...options.querySelectorAll("[data-holds]")];
    for (const each of this.holds) each.addEventListener("change", () => this.show());
    this.input("blocks").addEventListener("change", ({ target }) => {
      maps.choose(Number(target.value));
    });
  }

  pick(name) {
    this.hand.tool = name;
    for (const each of this.holds) each.checked = false;
    this.onPick(name);
    this.#remember();
    this.show();
  }

  scale(factor) {
    this.size.scale(factor);
    this.#remember();
    this.show();
  }

  /** How many pixels an operation reaches, as set beside its button. */
  reach(name) {
    const input = this.root.querySelector(`[name="${name}"]`);
    input.value = Math.min(Math.max(Math.round(Number(input.value)) || 1, 1), Number(input.max));
    return Number(input.value); // the field shows what is done, whatever was typed
  }

  show() {
    const { hand, size, options } = this;
    for (const button of this.root.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === hand.tool));
    }
    for (const option of options.querySelectorAll("[data-for]")) {
      option.hidden = !option.dataset.for.split(" ").includes(hand.tool);
    }
    const held = this.holds.filter((each) => each.checked);
    hand.held = Object.fromEntries(held.map(({ dataset }) => [dataset.holds, true]));
    this.part("tool").textContent = this.texts.tools[hand.tool];
    this.input("size").value = PER_DOUBLING * Math.log2(size.radius);
    this.part("size").textContent = say(this.texts.size, { size: size.diameter });
    this.input("tolerance").value = hand.tools.wand.step;
    this.part("tolerance").textContent = hand.tools.wand.tolerance;
    this.showTip();
    this.showMaps();
  }

  showTip() {
    const across = (2 * this.size.radius * this.easel.view.scale) / devicePixelRatio;
    this.cursor.resize(WITH_TIP.has(this.hand.tool) ? across : 0);
  }

  /** What is said of a map depends on whether it is there, is being made, or cannot be had. */
  showMaps() {
    const { maps, texts } = this;
    const select = this.input("blocks");
    const names = maps.blocks.map(({ title }, place) => new Option(title, place));
    if (select.length !== names.length) select.replaceChildren(...names);
    select.value = String(maps.place);
    select.closest("label").hidden = names.length < 2;
    for (const [tool, map] of [["blocks", maps.current], ["superpixels", maps.superpixels]]) {
      const state = maps.trouble ? "failed" : maps.isMaking ? "making" : "loading";
      this.part(`${tool}-state`).textContent = map ? texts.mapHints[tool] : texts.maps[state];
    }
  }

  #recall() {
    const kept = JSON.parse(this.storage.getItem(REMEMBERED) ?? "{}");
    const { width, height } = this.easel.mask;
    const longer = Math.max(width, height);
    this.size.scale(Math.max(SMALLEST, (kept.size ?? FIRST_SIZE) * longer) / this.size.radius);
    if (this.hand.tools[kept.tool]) this.hand.tool = kept.tool;
  }

  #remember() {
    const { width, height } = this.easel.mask;
    const size = this.size.radius / Math.max(width, height);
    this.storage.setItem(REMEMBERED, JSON.stringify({ size, tool: this.hand.tool }));
  }
}
