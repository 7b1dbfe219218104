/** The dialog that lists the keys, with the switch for single-letter keys (WCAG 2.1.4). */

import { lettersAreOff, switchLetters } from "./keys.js";

export class Help {
  constructor(dialog) {
    this.dialog = dialog;
    const letters = dialog.querySelector("[name=letters]");
    letters.checked = !lettersAreOff();
    letters.addEventListener("change", () => switchLetters(!letters.checked));
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  }

  open() {
    this.dialog.showModal();
  }
}
