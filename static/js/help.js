/** The dialog that lists the keys, with the switch for single-letter keys (WCAG 2.1.4). */

import { sentenceOf } from "./api.js";
import { lettersAreOff } from "./keys.js";
import { prefer } from "./preferences.js";

export class Help {
  constructor(dialog) {
    this.dialog = dialog;
    const letters = dialog.querySelector("[name=letters]");
    const error = dialog.querySelector("[data-part=error]");
    letters.checked = !lettersAreOff();
    letters.addEventListener("change", () => {
      if (error) error.textContent = "";
      prefer("letters", letters.checked).catch((problem) => {
        if (error) error.textContent = sentenceOf(problem);
      });
    });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  }

  open() {
    this.dialog.showModal();
    this.dialog.scrollTop = 0; // the first control is at the end of a long list
  }
}
