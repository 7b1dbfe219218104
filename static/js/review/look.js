/** How the curator looks at the specimen: fill colour, the mask alone, or the original while held. */

import { FILLS } from "./compose.js";

const PLACE = "mothmask.fill";

export class Look {
  isMask = false;
  isHeld = false;

  constructor(storage, onChange) {
    Object.assign(this, { storage, onChange });
    const kept = storage.getItem(PLACE);
    this.fill = FILLS.includes(kept) ? kept : FILLS[0];
  }

  get name() {
    if (this.isHeld) return "original";
    return this.isMask ? "mask" : this.fill;
  }

  nextFill() {
    this.isMask = false;
    this.fill = FILLS[(FILLS.indexOf(this.fill) + 1) % FILLS.length];
    this.storage.setItem(PLACE, this.fill);
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
