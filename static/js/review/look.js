/** How the curator looks at the specimen: fill colour, the mask alone, or the original while held. */

import { FILLS } from "./compose.js";

export class Look {
  isMask = false;
  isHeld = false;

  /** `keep(fill)` remembers the colour for the person. */
  constructor({ fill, keep, onChange }) {
    Object.assign(this, { keep, onChange });
    this.fill = FILLS.includes(fill) ? fill : FILLS[0];
  }

  get name() {
    if (this.isHeld) return "original";
    return this.isMask ? "mask" : this.fill;
  }

  nextFill() {
    this.choose(FILLS[(FILLS.indexOf(this.fill) + 1) % FILLS.length]);
  }

  choose(fill) {
    this.isMask = false;
    this.fill = fill;
    this.keep(fill);
    this.onChange();
  }

  toggleMask() {
    this.isMask = !this.isMask;
    this.onChange();
  }

  hold(isHeld) {
    if (isHeld === this.isHeld) return;
    this.isHeld = isHeld;
    this.onChange();
  }
}

/**
 * Tab shows the original as long as it is held, and only while the picture has the focus; Shift+Tab
 * leaves the picture, so the keyboard is never trapped.
 */
export function holdTab(element, hold) {
  element.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      hold(true);
    }
  });
  element.addEventListener("keyup", (event) => event.key === "Tab" && hold(false));
  element.addEventListener("blur", () => hold(false));
}

/** The same for fingers: as long as one lies on the button. */
export function holdFinger(button, hold) {
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    hold(true);
  });
  for (const end of ["pointerup", "pointercancel"]) button.addEventListener(end, () => hold(false));
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}
