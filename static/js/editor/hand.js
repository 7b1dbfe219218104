/**
 * Pointer on the easel: draws with a tool, pans with Space or the middle button, zooms by wheel; two
 * fingers move and zoom. The right button and the eraser end of a pen always erase.
 */

import { Pinch } from "../pinch.js";
import { Clicks } from "./clicks.js";
import { isEmpty, united } from "./rect.js";

const ERASER_BUTTON = 2;
const PAN_BUTTON = 1;
const ERASER_OF_PEN = 32;
/** Tools that know themselves what erasing is; for the others the eraser steps in. */
const ERASES_ITSELF = new Set(["brush", "superpixels", "blocks", "wand", "bucket"]);
const NOWHERE = { x: -1e6, y: -1e6 };
const REACH = { mouse: 8, pen: 10, touch: 20 };

export class Hand {
  tool = "brush";
  isPanning = false;
  isLocked = false;
  held = {};
  #drag = null;
  #hasPen = false;
  #clicks = new Clicks();

  /**
   * `onStroke(rect)` hears of a finished gesture, `onGiveUp(rect)` of one that was not meant,
   * `onView()` when the picture moved, `onOverlay()` when a tool's shapes did, `onWheel(factor)` of
   * the wheel with Alt, `onDrag()` of every move of a drag. `held`: modifiers {shift, alt, erase}
   * that count as pressed, for those who have no keyboard.
   */
  constructor({ easel, tools, cursor, ...hears }) {
    Object.assign(this, { easel, tools, cursor, ...hears });
    const { canvas } = easel;
    this.pinch = new Pinch(canvas, {
      onStart: () => this.#giveUp(),
      onMove: (move) => this.#pinched(move),
    });
    const on = (name, hear) => canvas.addEventListener(name, (event) => hear(event));
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#up(event));
    on("pointerleave", () => this.#leave());
    on("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  get isDrawing() {
    return this.#drag?.tool !== undefined;
  }

  get current() {
    return this.tools[this.tool];
  }

  #down(event) {
    this.#hasPen ||= event.pointerType === "pen";
    if (this.#drag || this.pinch.isActive || this.isLocked) return;
    event.preventDefault();
    this.easel.canvas.focus();
    this.easel.canvas.setPointerCapture(event.pointerId);
    // Who draws with a pen rests the hand on the screen.
    const isPalm = this.#hasPen && event.pointerType === "touch";
    if (this.isPanning || isPalm || event.button === PAN_BUTTON) {
      this.#drag = { pointer: event.pointerId, x: event.clientX, y: event.clientY };
      return;
    }
    const erases = event.button === ERASER_BUTTON || Boolean(event.buttons & ERASER_OF_PEN);
    const tool = erases && !ERASES_ITSELF.has(this.tool) ? this.tools.eraser : this.current;
    const detail = this.#clicks.count(event);
    this.#drag = { pointer: event.pointerId, tool, rect: null, erases, detail };
    this.#changed(tool.start(this.#point(event), this.#mods(event)));
  }

  #move(event) {
    this.#showCursor(event);
    if (!this.#drag) this.#hover(event);
    else if (event.pointerId !== this.#drag.pointer) return;
    else if (!this.#drag.tool) this.#pan(event);
    else {
      let rect = null;
      const mods = this.#mods(event);
      for (const each of coalesced(event)) {
        rect = united(rect, this.#drag.tool.move(this.#point(each), mods));
      }
      this.#changed(rect);
    }
  }

  #up(event) {
    if (event.pointerId !== this.#drag?.pointer) return;
    const { tool } = this.#drag;
    if (tool) {
      this.#changed(tool.end(this.#mods(event)));
      const { rect } = this.#drag;
      this.#drag = null;
      if (!isEmpty(rect)) this.onStroke(rect);
    }
    this.#drag = null;
  }

  /** The first finger has drawn something before the second one came. */
  #giveUp() {
    const { tool, rect } = this.#drag ?? {};
    this.#drag = null;
    if (!tool) return;
    const last = tool.giveUp ? tool.giveUp() : tool.end({});
    this.onGiveUp(united(rect, last));
    this.onOverlay();
  }

  #pinched({ x, y, dx, dy, factor }) {
    this.easel.view.zoomAt(x, y, factor);
    this.easel.view.pan(dx, dy);
    this.onView();
  }

  #changed(rect) {
    if (this.#drag.tool.overlay) this.onOverlay();
    this.onDrag();
    if (isEmpty(rect)) return;
    this.#drag.rect = united(this.#drag.rect, rect);
    this.easel.changed(rect);
  }

  #hover(event) {
    const rect = this.current.hover?.(this.#point(event), this.#mods(event));
    if (!isEmpty(rect)) this.onOverlay();
  }

  #leave() {
    this.cursor.isShown = false;
    if (this.#drag || this.current.isOpen) return;
    if (!isEmpty(this.current.hover?.(NOWHERE, {}))) this.onOverlay();
  }

  #pan({ clientX, clientY }) {
    const { x, y } = this.#drag;
    Object.assign(this.#drag, { x: clientX, y: clientY });
    this.easel.view.pan((clientX - x) * devicePixelRatio, (clientY - y) * devicePixelRatio);
    this.onView();
  }

  #wheel(event) {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY / 400);
    if (event.altKey) this.onWheel(factor);
    else {
      const [x, y] = [event.offsetX * devicePixelRatio, event.offsetY * devicePixelRatio];
      this.easel.view.zoomAt(x, y, factor);
      this.onView();
    }
  }

  #showCursor({ offsetX, offsetY, pointerType }) {
    this.cursor.isShown = pointerType !== "touch" && !this.isPanning;
    this.cursor.moveTo(offsetX, offsetY);
  }

  #mods({ shiftKey, altKey, pointerType }) {
    const { erases = false, detail = 1 } = this.#drag ?? {};
    const reach = ((REACH[pointerType] ?? REACH.mouse) * devicePixelRatio) / this.easel.view.scale;
    const pressed = { shift: shiftKey, alt: altKey, erase: erases };
    return { ...pressed, ...this.held, detail, reach };
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
