/** Beside the photograph: the crop before and after, what is known of it, and the box in numbers. */

import { middle, sizeOf, turned, within } from "./box.js";

const LARGEST = 560;

export class Side {
  #photographs = new Map();

  /** `onBox(box)` is told when a number was changed. */
  constructor(root, { texts, onBox }) {
    Object.assign(this, { root, texts, onBox });
    for (const part of root.querySelectorAll("[data-part]")) this[part.dataset.part] = part;
    this.fields = [...root.querySelectorAll("[data-number]")];
    for (const field of this.fields) field.addEventListener("change", () => this.#typed());
  }

  show(item, box) {
    Object.assign(this, { item, drawn: box });
    this.before.hidden = !item.crop;
    this.none.hidden = Boolean(item.crop);
    if (item.crop) this.before.src = item.crop;
    for (const field of this.fields) {
      field.disabled = !box;
      if (document.activeElement !== field || !box) field.value = box ? numbers(box)[field.dataset.number] : "";
    }
    this.after.hidden = !box;
    if (box) this.#preview(item, box);
  }

  /** The pixels that the box would cut out, from the photograph as it is on the screen. */
  #preview(item, box) {
    const image = this.#photograph(item.photograph);
    if (!image.complete || !image.naturalWidth) {
      image.addEventListener("load", () => this.item === item && this.#preview(item, this.drawn), { once: true });
      return;
    }
    const { width, height } = sizeOf(box);
    const { x, y } = middle(box);
    const scale = Math.min(1, LARGEST / Math.max(width, height));
    this.after.width = Math.max(1, Math.round(width * scale));
    this.after.height = Math.max(1, Math.round(height * scale));
    const context = this.after.getContext("2d");
    context.translate(this.after.width / 2, this.after.height / 2);
    context.rotate((-box.angle * Math.PI) / 180);
    context.scale(scale, scale);
    context.drawImage(image, -x, -y, item.width, item.height);
  }

  #photograph(url) {
    if (!this.#photographs.has(url)) {
      this.#photographs.clear(); // one is enough: the browser keeps the others
      this.#photographs.set(url, Object.assign(new Image(), { src: url }));
    }
    return this.#photographs.get(url);
  }

  #typed() {
    const typed = Object.fromEntries(
      this.fields.map((field) => [field.dataset.number, Number(field.value)]),
    );
    if (!Object.values(typed).every(Number.isFinite)) return;
    const { left, top, width, height, angle } = typed;
    const box = {
      left: Math.round(left), top: Math.round(top), angle: 0,
      right: Math.round(left) + Math.max(8, Math.round(width)),
      bottom: Math.round(top) + Math.max(8, Math.round(height)),
    };
    const there = angle ? { ...box, angle } : box;
    this.onBox(angle ? turned(there, angle, this.item) : within(box, this.item));
  }
}

function numbers(box) {
  const { width, height } = sizeOf(box);
  return { left: box.left, top: box.top, width, height, angle: box.angle };
}
