/** Mouse, finger and keyboard on the tiles: a short press sets aside, a long one looks closer. */

import { listen } from "../keys.js";

const MOVES = [
  "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End",
];
const SHAKE = 8;

export class Hands {
  #from = null;

  constructor({ field, batch, tiles, loupe, onChange, onOpen }) {
    Object.assign(this, { field, batch, tiles, loupe, onChange, onOpen });
    listen(this.#keys, { target: field });
    field.addEventListener("pointerdown", (event) => this.#down(event));
    field.addEventListener("pointermove", (event) => this.#move(event));
    field.addEventListener("dblclick", (event) => this.#open(event));
    field.addEventListener("contextmenu", (event) => loupe.isOpen && event.preventDefault());
    field.addEventListener("focusin", (event) => this.#focus(event));
    addEventListener("pointerup", () => loupe.release());
    addEventListener("pointercancel", () => loupe.cancel());
    addEventListener("keyup", ({ key }) => key === " " && loupe.release());
    addEventListener("blur", () => loupe.cancel());
  }

  /** By key, while the focus is on a tile. */
  get #keys() {
    const go = (event) => this.#go(event);
    const moves = MOVES.flatMap((key) => [[key, go], [`Shift+${key}`, go]]);
    return {
      ...Object.fromEntries(moves),
      " ": (event) => !event.repeat && this.#press(),
      Enter: () => this.#toggle(this.batch.focus),
      Escape: () => this.loupe.cancel(),
    };
  }

  #press() {
    const { focus } = this.batch;
    this.loupe.press(this.batch.focused, () => this.#toggle(focus));
  }

  #toggle(index) {
    this.batch.toggle(index);
    this.onChange();
  }

  #go(event) {
    this.batch.moveTo(this.tiles.next(event.key), { extending: event.shiftKey });
    this.onChange();
    this.tiles.focus();
    if (this.loupe.isOpen) this.loupe.show(this.batch.focused);
  }

  #down(event) {
    const index = this.tiles.indexOf(event.target);
    if (index < 0 || event.button !== 0) return;
    this.#from = { x: event.clientX, y: event.clientY };
    const act = event.shiftKey
      ? () => this.batch.extend(index)
      : () => this.batch.toggle(index);
    this.loupe.press(this.batch.tiles[index], () => {
      act();
      this.onChange();
      this.tiles.focus();
    });
  }

  /** A finger that scrolls does not press. */
  #move({ clientX, clientY, pointerType }) {
    if (!this.#from || pointerType === "mouse" || this.loupe.isOpen) return;
    const way = Math.hypot(clientX - this.#from.x, clientY - this.#from.y);
    if (way > SHAKE) this.loupe.cancel();
  }

  #open(event) {
    const index = this.tiles.indexOf(event.target);
    if (index < 0) return;
    this.batch.moveTo(index);
    this.onOpen();
  }

  /** A screen reader or Tab may bring the focus by itself. */
  #focus(event) {
    const index = this.tiles.indexOf(event.target);
    if (index >= 0) this.batch.lookAt(index);
  }
}
