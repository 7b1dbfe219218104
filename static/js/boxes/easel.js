/** The photograph with its box, which a pointer draws, moves, pulls and turns. */

import { drawn, middle, moved, pulled, sizeOf, turnedTo } from "./box.js";
import { place, shape } from "./svg.js";

/** Of the screen. */
const HANDLE = 11;
const STALK = 26;
const SIDES = [-1, 0, 1];
const HANDLES = SIDES.flatMap((y) => SIDES.map((x) => ({ x, y }))).filter(({ x, y }) => x || y);
/** Zoomed in further than this, the photograph is shown larger than it was fetched. */
const SHARPER = 1.5;

export class Easel {
  /** What the next drag on the photograph draws: "box", "beside", or nothing. */
  mode = null;
  #item = null;
  #box = null;
  #beside = null;
  #drag = null;
  #view = null;

  /** `onBox(box)` is told while the hand moves, `onBeside(box)` and `onOpen(id)` when it is done. */
  constructor(svg, { onBox, onBeside, onOpen }) {
    Object.assign(this, { svg, onBox, onBeside, onOpen });
    this.picture = shape("image", { preserveAspectRatio: "none" }, svg);
    this.others = shape("g", {}, svg);
    this.halos = [shape("rect", { class: "found-halo" }, svg), shape("rect", { class: "crop-halo" }, svg)];
    this.found = shape("rect", { class: "found-box" }, svg);
    this.body = shape("rect", { class: "crop-box", "data-handle": "move" }, svg);
    this.fresh = shape("rect", { class: "fresh-box" }, svg);
    this.grips = shape("g", {}, svg);
    this.stalk = shape("line", { class: "stalk" }, this.grips);
    this.turner = shape("circle", { class: "grip", "data-handle": "turn" }, this.grips);
    this.handles = HANDLES.map((side, index) =>
      Object.assign(shape("rect", { class: "grip", "data-handle": index }, this.grips), { side }),
    );
    svg.addEventListener("pointerdown", (event) => this.#grab(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    svg.addEventListener("pointerup", () => this.#drop());
    svg.addEventListener("pointercancel", () => (this.#drag = null));
    svg.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.show(this.#item, this.#box)).observe(svg);
  }

  show(item, box) {
    if (!item) return;
    if (this.#item?.id !== item.id) this.#begin(item);
    this.#item = item;
    this.#box = box;
    this.#showBeside(item.beside);
    this.#outline(item.found, this.found, this.halos[0]);
    this.#outline(box, this.body, this.halos[1]);
    this.grips.toggleAttribute("hidden", !box);
    if (box) this.#placeGrips(box);
  }

  fit() {
    this.#view = { x: 0, y: 0, width: this.#item.width, height: this.#item.height };
    this.#see();
  }

  #begin(item) {
    this.mode = null;
    this.fresh.setAttribute("width", 0);
    this.picture.setAttribute("href", item.photograph);
    this.picture.setAttribute("width", item.width);
    this.picture.setAttribute("height", item.height);
    this.#item = item;
    this.fit();
  }

  /** On light and on dark ground. */
  #outline(box, ...rects) {
    for (const rect of rects) {
      rect.toggleAttribute("hidden", !box);
      if (box) place(rect, box);
    }
  }

  #showBeside(beside) {
    if (this.#beside === beside) return;
    this.#beside = beside;
    const rects = beside.map(({ id, key, box }) => {
      const rect = shape("rect", { class: "beside-box", "data-open": id });
      shape("title", {}, rect).textContent = key;
      place(rect, box);
      return rect;
    });
    this.others.replaceChildren(...rects);
  }

  /** Pixels of the photograph per pixel of the screen. */
  get #grain() {
    return 1 / (this.svg.getScreenCTM()?.a || 1);
  }

  #placeGrips(box) {
    const { x, y } = middle(box);
    const { width, height } = sizeOf(box);
    const size = HANDLE * this.#grain;
    this.grips.setAttribute("transform", `translate(${x} ${y}) rotate(${box.angle})`);
    for (const handle of this.handles) {
      const at = { x: (handle.side.x * width) / 2, y: (handle.side.y * height) / 2 };
      place(handle, { left: at.x - size / 2, top: at.y - size / 2, right: at.x + size / 2, bottom: at.y + size / 2 });
    }
    const high = -height / 2 - STALK * this.#grain;
    this.stalk.setAttribute("y1", -height / 2);
    this.stalk.setAttribute("y2", high);
    this.turner.setAttribute("cy", high);
    this.turner.setAttribute("r", size / 1.6);
  }

  #point({ clientX, clientY }) {
    return new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  #grab(event) {
    if (event.button !== 0 || !this.#item) return;
    const { handle, open } = event.target.dataset;
    const start = this.#point(event);
    if (this.mode) this.#drag = { kind: "draw", start };
    else if (handle === "move" || handle === "turn") this.#drag = { kind: handle, start, box: this.#box };
    else if (handle) this.#drag = { kind: "pull", side: HANDLES[handle], box: this.#box };
    else if (open) this.onOpen(Number(open));
    else this.#drag = { kind: "pan", start };
    if (this.#drag) this.svg.setPointerCapture(event.pointerId);
  }

  #move(event) {
    if (!this.#drag) return;
    const { kind, start, box, side } = this.#drag;
    const at = this.#point(event);
    const photograph = this.#item;
    if (kind === "pan") this.#pan(start.x - at.x, start.y - at.y);
    else if (kind === "draw") this.#sketch(drawn(start, at, photograph));
    else if (kind === "move") this.onBox(moved(box, at.x - start.x, at.y - start.y, photograph));
    else if (kind === "turn") this.onBox(turnedTo(box, at, photograph));
    else this.onBox(pulled(box, side, at, photograph));
  }

  #sketch(box) {
    this.#drag.box = box;
    place(this.fresh, box);
  }

  #drop() {
    const { kind, box } = this.#drag ?? {};
    this.#drag = null;
    if (kind !== "draw" || !box) return;
    this.fresh.setAttribute("width", 0);
    const { mode } = this;
    this.mode = null;
    (mode === "beside" ? this.onBeside : this.onBox)(box);
  }

  #wheel(event) {
    event.preventDefault();
    if (!this.#view) return;
    const { width } = this.#item;
    const wanted = this.#view.width * Math.exp(event.deltaY / 400);
    const factor = Math.min(Math.max(wanted, width / 32), width) / this.#view.width;
    const at = this.#point(event);
    const { x, y, width: wide, height: high } = this.#view;
    this.#view = {
      x: at.x - (at.x - x) * factor, y: at.y - (at.y - y) * factor,
      width: wide * factor, height: high * factor,
    };
    this.#pan(0, 0);
  }

  #pan(dx, dy) {
    const kept = (value, room) => Math.min(Math.max(value, 0), Math.max(room, 0));
    this.#view.x = kept(this.#view.x + dx, this.#item.width - this.#view.width);
    this.#view.y = kept(this.#view.y + dy, this.#item.height - this.#view.height);
    this.#see();
  }

  #see() {
    const { x, y, width, height } = this.#view;
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    if (this.#box) this.#placeGrips(this.#box);
    const shown = Math.min(1600, this.#item.width) / this.#item.width;
    if (1 / this.#grain < SHARPER * shown || shown === 1) return;
    this.picture.setAttribute("href", this.#item.photograph.replace(/side=\d+/, "side=4096"));
  }
}
