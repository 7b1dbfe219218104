/** One file of an import: its mask on blue beside the crop, and what a person can correct. */

import { say } from "../texts.js";

const TAKEABLE = "matched";

export class Card {
  /** `onTick(id, isTicked)`; `onCorrect(id, fields)` resolves to the file as it is then. */
  constructor(template, { texts, kinds, onTick, onCorrect }) {
    this.element = template.content.firstElementChild.cloneNode(true);
    Object.assign(this, { texts, onCorrect });
    this.part = (name) => this.element.querySelector(`[data-part="${name}"]`);
    for (const [code, word] of Object.entries(kinds)) {
      this.part("kind").append(new Option(word, code));
    }
    this.part("tick").addEventListener("change", ({ target }) => {
      onTick(this.file.id, target.checked);
      this.#dim();
    });
    this.#hear("kind", (target) => ({ kind: target.value }));
    this.#hear("inverted", (target) => ({ inverted: target.checked }));
    this.#hear("choices", (target) => ({ specimen_id: Number(target.value) }));
  }

  show(file, isTicked) {
    this.file = file;
    this.element.dataset.file = file.id;
    const isTaken = Boolean(file.version_id ?? file.candidate_id);
    const isTakeable = file.outcome === TAKEABLE && !isTaken;
    this.element.classList.toggle(TAKEABLE, file.outcome === TAKEABLE);
    this.part("name").textContent = file.name;
    Object.assign(this.part("tick"), { checked: isTakeable && isTicked, hidden: !isTakeable });
    this.part("tick").setAttribute("aria-label", say(this.texts.tick, { name: file.name }));
    this.part("pictures").hidden = !file.crop && !file.blue;
    this.#picture("crop", file.crop);
    this.#picture("blue", file.blue);
    const said = isTaken ? this.texts[file.version_id ? "isVersion" : "isCandidate"] : file.reason;
    this.part("reason").textContent = said;
    this.part("reason").hidden = !said;
    this.part("kind").value = file.kind ?? "";
    this.part("kind").closest("label").hidden = !file.kind || isTaken;
    this.part("inverted").checked = file.inverted;
    this.part("inverted").closest("label").hidden = file.kind !== "mask" || isTaken;
    this.#specimen(file);
    this.#dim();
  }

  #specimen({ specimen, choices }) {
    const link = this.part("specimen");
    link.hidden = !specimen;
    if (specimen) {
      link.textContent = specimen.key;
      link.href = `/specimens/${specimen.id}`;
    }
    const select = this.part("choices");
    select.hidden = choices.length === 0;
    const options = choices.map(({ id, key, source }) => new Option(`${source} · ${key}`, id));
    select.replaceChildren(new Option(this.texts.choose, ""), ...options);
  }

  #picture(name, address) {
    const image = this.part(name);
    image.hidden = !address;
    if (address && image.getAttribute("src") !== address) image.src = address;
  }

  #dim() {
    const { hidden, checked } = this.part("tick");
    this.element.classList.toggle("unticked", !hidden && !checked);
  }

  #hear(name, fieldsOf) {
    this.part(name).addEventListener("change", async ({ target }) => {
      const controls = [...this.element.querySelectorAll("select, input")];
      controls.forEach((control) => (control.disabled = true));
      await this.onCorrect(this.file.id, fieldsOf(target));
      controls.forEach((control) => (control.disabled = false));
    });
  }
}
