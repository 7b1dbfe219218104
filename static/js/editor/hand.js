/**
 * Pointer on the easel: draws with a tool, pans with Space or the middle button, zooms by wheel; two
 * fingers move and zoom.
 */

import { Pinch } from "../pinch.js";
import { isEmpty, united } from "./rect.js";

const ERASER_BUTTON = 2;
const PAN_BUTTON = 1;
const ERASER_OF_PEN = 32;

export class Hand {
  tool = "brush";
  isPanning = false;
  #drag = null;

  constructor({ easel, tools, size, cursor, onStroke, onGiveUp, onSize }) {
    Object.assign(this, { easel, tools, size, cursor, onStroke, onGiveUp, onSize });
    const { canvas } = easel;
    this.pinch = new Pinch(canvas, {
      onStart: () => this.#giveUp(),
      onMove: (move) => this.#pinched(move),
    });
    const on = (name, hear) => canvas.addEventListener(name, (event) => hear(event));
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", () => this.#up());
    on("pointercancel", () => this.#up());
    on("pointerleave", () => (this.cursor.hidden = true));
    on("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  get isDrawing() {
    return this.#drag?.tool !== undefined;
  }

  /** The outline of the brush, where the pointer is. */
  outline() {
    const across = (2 * this.size.radius * this.easel.view.scale) / devicePixelRatio;
    this.cursor.style.width = `${across}px`;
    this.cursor.style.height = `${across}px`;
  }

  #down(event) {
    if (this.#drag || this.pinch.isActive) return;
    event.preventDefault();
    this.easel.canvas.focus();
    this.easel.canvas.setPointerCapture(event.pointerId);
    if (this.isPanning || event.button === PAN_BUTTON) {
      this.#drag = { x: event.clientX, y: event.clientY };
      return;
    }
    const erases = event.button === ERASER_BUTTON || event.buttons === ERASER_OF_PEN;
    const tool = this.tools[erases ? "eraser" : this.tool];
    this.#drag = { tool, rect: null };
    this.#changed(tool.start(this.#point(event)));
  }

  #move(event) {
    this.#showCursor(event);
    if (!this.#drag) return;
    if (!this.#drag.tool) {
      this.#pan(event);
      return;
    }
    let rect = null;
    for (const each of coalesced(event)) {
      rect = united(rect, this.#drag.tool.move(this.#point(each)));
    }
    this.#changed(rect);
  }

  #up() {
    const { tool, rect } = this.#drag ?? {};
    if (tool) {
      const last = tool.end();
      this.#changed(last);
      const touched = united(rect, last);
      if (!isEmpty(touched)) this.onStroke(touched);
    }
    this.#drag = null;
  }

  /** The first finger has drawn something before the second one came. */
  #giveUp() {
    const { tool, rect } = this.#drag ?? {};
    this.#drag = null;
    tool?.end();
    if (!isEmpty(rect)) this.onGiveUp(rect);
  }

  #pinched({ x, y, dx, dy, factor }) {
    this.easel.view.zoomAt(x, y, factor);
    this.easel.view.pan(dx, dy);
    this.easel.draw();
    this.outline();
  }

  #changed(rect) {
    if (isEmpty(rect)) return;
    this.#drag.rect = united(this.#drag.rect, rect);
    this.easel.changed(rect);
  }

  #pan({ clientX, clientY }) {
    const { x, y } = this.#drag;
    this.#drag = { x: clientX, y: clientY };
    this.easel.view.pan((clientX - x) * devicePixelRatio, (clientY - y) * devicePixelRatio);
    this.easel.draw();
  }

  #wheel(event) {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY / 400);
    if (event.altKey) {
      this.size.scale(factor);
      this.onSize();
    } else {
      const [x, y] = [event.offsetX * devicePixelRatio, event.offsetY * devicePixelRatio];
      this.easel.view.zoomAt(x, y, factor);
      this.easel.draw();
    }
    this.outline();
  }

  #showCursor({ offsetX, offsetY, pointerType }) {
    this.cursor.hidden = pointerType === "touch" || this.isPanning;
    this.cursor.style.left = `${offsetX}px`;
    this.cursor.style.top = `${offsetY}px`;
  }

  #point({ clientX, clientY }) {
    const box = this.easel.canvas.getBoundingClientRect();
    const [x, y] = [clientX - box.left, clientY - box.top];
    return this.easel.view.toPicture(x * devicePixelRatio, y * devicePixelRatio);
  }
}

/** Between two frames a pen moves more often than events come. */
function coalesced(event) {
  const events = event.getCoalescedEvents?.() ?? [];
  return events.length ? events : [event];
}
