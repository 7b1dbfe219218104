/** A panel of numbered reasons: one key sends, or several are marked first and sent with Enter. */

import { isTyping, lettersAreOff } from "../keys.js";

export class Reasons {
  #send = null;

  constructor(dialog) {
    this.dialog = dialog;
    this.buttons = [...dialog.querySelectorAll("[data-code]")];
    this.several = dialog.querySelector("[name=several]");
    this.all = dialog.querySelector("[name=all]");
    this.note = dialog.querySelector("[name=note]");
    this.submit = dialog.querySelector("[data-submit]");
    for (const button of this.buttons) button.addEventListener("click", () => this.#take(button));
    this.several.addEventListener("change", () => this.#update());
    this.submit.addEventListener("click", () => this.#finish(this.#marked()));
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("keydown", (event) => this.#key(event));
  }

  open(send) {
    this.#send = send;
    this.several.checked = false;
    if (this.all) this.all.checked = false;
    this.note.value = "";
    for (const button of this.buttons) button.setAttribute("aria-pressed", "false");
    this.#update();
    this.dialog.showModal();
    this.buttons[0].focus();
  }

  #key(event) {
    if (event.key === "Enter" && this.several.checked && !event.target.closest("[data-cancel]")) {
      event.preventDefault();
      this.#finish(this.#marked());
      return;
    }
    if (isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const toggled = { s: this.several, a: this.all }[event.key.toLowerCase()];
    if ((!digit && !toggled) || lettersAreOff()) return;
    event.preventDefault();
    if (digit) this.#take(this.buttons[digit - 1]);
    else toggled.click();
  }

  #take(button) {
    if (!button) return;
    if (!this.several.checked) {
      this.#finish([button.dataset.code]);
      return;
    }
    const isMarked = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isMarked));
    this.#update();
  }

  #marked() {
    const marked = this.buttons.filter((each) => each.getAttribute("aria-pressed") === "true");
    return marked.map((button) => button.dataset.code);
  }

  #update() {
    this.submit.hidden = !this.several.checked;
    this.submit.disabled = this.#marked().length === 0;
  }

  #finish(reasons) {
    if (!reasons.length) return;
    this.dialog.close();
    this.#send({ reasons, note: this.note.value.trim(), all: Boolean(this.all?.checked) });
  }
}
