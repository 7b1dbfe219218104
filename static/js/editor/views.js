/** How mask and picture are shown, and how large: buttons say which, and it is remembered. */

import { STRENGTHS } from "./easel.js";

const REMEMBERED = "mothmask.view";

export class Views {
  constructor(root, zoom, { easel, storage }) {
    Object.assign(this, { root, zoom, easel, storage });
    const kept = storage.getItem(REMEMBERED);
    if (kept in STRENGTHS) easel.strength = kept;
    root.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-view]");
      if (button) this.choose(button.dataset.view);
    });
    easel.onDrawn((rect) => rect || this.show());
    this.show();
  }

  choose(name) {
    this.easel.strength = name;
    this.easel.draw();
    this.storage.setItem(REMEMBERED, name);
  }

  next() {
    this.easel.nextStrength();
    this.storage.setItem(REMEMBERED, this.easel.strength);
  }

  closer(factor) {
    const { canvas, view } = this.easel;
    view.zoomAt(canvas.width / 2, canvas.height / 2, factor);
    this.easel.draw();
  }

  /** By a share of the stage. */
  move(across, down) {
    const { canvas, view } = this.easel;
    view.pan(across * canvas.width, down * canvas.height);
    this.easel.draw();
  }

  fit() {
    this.easel.view.fit();
    this.easel.draw();
  }

  show() {
    for (const button of this.root.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === this.easel.strength));
    }
    this.zoom.textContent = `${Math.round(100 * this.easel.view.scale)} %`;
  }
}
