/** Ask a person to go through some specimens of the grid. */

import { call, sentenceOf } from "../api.js";
import { say } from "../texts.js";

export class AssignDialog {
  #specimens = [];

  /** `onDone` hears what was made: {name, person, total}. */
  constructor(dialog, { onDone }) {
    Object.assign(this, { dialog, onDone, form: dialog.querySelector("form") });
    this.trouble = dialog.querySelector(".form-error");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  }

  open(tiles) {
    if (!tiles.length) return;
    this.#specimens = tiles.map(({ id }) => id);
    const title = say(this.dialog.dataset.title, { count: tiles.length });
    this.dialog.querySelector("h2").textContent = title;
    this.trouble.textContent = "";
    this.dialog.showModal();
    this.form.elements.name.focus();
  }

  async #send() {
    const { name, person } = this.form.elements;
    const json = { name: name.value, person: Number(person.value), specimens: this.#specimens };
    const submit = this.form.querySelector("[type=submit]");
    submit.disabled = true;
    let made;
    try {
      made = await call("POST", "/assignments", { json });
    } catch (error) {
      if (error.status === undefined) throw error;
      this.trouble.textContent = sentenceOf(error);
      return;
    } finally {
      submit.disabled = false;
    }
    this.dialog.close();
    name.value = "";
    this.onDone(made);
  }
}
