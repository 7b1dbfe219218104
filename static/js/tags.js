/**
 * Tags of one specimen or of many: type to find a word, 1–9 for those used most, Enter adds.
 *
 *   const tags = new TagDialog(document.getElementById("tag-dialog"), { outbox, onChange });
 *   tags.open([{ id, key, tags: ["白翅"] }]);   // their `tags` are kept up to date
 *
 * The dialog is templates/_tags.html, its look static/css/tags.css.
 */

import { call, uuid } from "./api.js";
import { say } from "./texts.js";

const LONGEST = 60;
const SHOWN = 40;

/** The spelling that the server keeps: composed characters, single blanks. */
export function tidy(word) {
  const plain = word.normalize("NFC").replace(/\s+/gu, " ").trim();
  return [...plain].slice(0, LONGEST).join("");
}

/** How many of the specimens carry a word: "all", "some" or "none". */
export function carried(word, specimens) {
  const count = specimens.filter(({ tags }) => tags.includes(word)).length;
  if (count === 0) return "none";
  return count === specimens.length ? "all" : "some";
}

/** Words in use that hold what is typed, those that begin with it first; order stays otherwise. */
export function matching(words, typed) {
  const wanted = tidy(typed).toLocaleLowerCase();
  const found = words.filter(({ word }) => word.toLocaleLowerCase().includes(wanted));
  const begins = ({ word }) => word.toLocaleLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((each) => !begins(each))];
}

/** Words in use, and those of the specimens that are not counted yet. */
export function known(words, specimens) {
  const own = new Set(specimens.flatMap(({ tags }) => tags));
  for (const { word } of words) own.delete(word);
  return [...words, ...[...own].map((word) => ({ word, count: 0 }))];
}

/** Changes the specimens at hand; returns those that it changed. */
export function put(word, on, specimens) {
  const changed = specimens.filter(({ tags }) => tags.includes(word) !== on);
  for (const each of changed) {
    each.tags = on ? [...each.tags, word].sort() : each.tags.filter((other) => other !== word);
  }
  return changed;
}

/** What the outbox keeps and sends: sent twice it changes nothing more. */
export function tagEntry(word, on, specimens) {
  const ids = specimens.map(({ id }) => id);
  return {
    id: uuid(),
    specimenId: ids.length === 1 ? ids[0] : 0,
    key: word,
    path: "/tags",
    fields: { word, on, specimens: ids },
    file: null,
  };
}

export class TagDialog {
  #specimens = [];
  #words = [];

  constructor(dialog, { outbox, onChange = () => {} }) {
    Object.assign(this, { dialog, outbox, onChange });
    this.part = (name) => dialog.querySelector(`[data-part="${name}"]`);
    this.input = this.part("word");
    this.list = this.part("words");
    this.input.addEventListener("input", () => this.#show());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("keydown", (event) => this.#keyInList(event));
    this.list.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.#toggle(button.dataset.word);
    });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  }

  async open(specimens) {
    if (!specimens.length) return;
    this.#specimens = specimens;
    this.input.value = "";
    const { one, many } = this.dialog.dataset;
    const [{ key }] = specimens;
    const text = specimens.length === 1 ? one : many;
    this.part("title").textContent = say(text, { key, count: specimens.length });
    this.#show();
    this.dialog.showModal();
    this.input.focus();
    // Without the server the words at hand must do.
    const { tags } = await call("GET", "/tags").catch(() => ({ tags: this.#words }));
    this.#words = tags;
    this.#show();
  }

  #key(event) {
    if (event.isComposing) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    if (event.key === "Enter") this.#add();
    else if (event.key === "ArrowDown") this.list.querySelector("button")?.focus();
    else if (digit && !this.input.value) this.#toggleAt(digit - 1);
    else return;
    event.preventDefault();
  }

  #keyInList(event) {
    const buttons = [...this.list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    (buttons[at + step] ?? (step < 0 ? this.input : buttons[at])).focus();
  }

  #add() {
    const word = tidy(this.input.value);
    if (!word) {
      this.dialog.close();
      return;
    }
    this.input.value = "";
    this.#put(word, true);
  }

  #toggleAt(place) {
    const button = this.list.querySelectorAll("button")[place];
    if (button) this.#toggle(button.dataset.word);
  }

  #toggle(word) {
    this.#put(word, carried(word, this.#specimens) !== "all");
  }

  async #put(word, on) {
    const specimens = this.#specimens;
    const changed = put(word, on, specimens);
    if (!changed.length) return;
    this.#words = known(this.#words, specimens);
    this.#show(word);
    this.onChange();
    const { refusal } = await this.outbox.add(tagEntry(word, on, changed));
    if (!refusal) return;
    put(word, !on, changed);
    this.#show(word);
    this.onChange();
  }

  #show(focused = null) {
    const typed = tidy(this.input.value);
    const all = known(this.#words, this.#specimens);
    const wasInList = this.list.contains(document.activeElement);
    const shown = matching(all, typed).slice(0, SHOWN);
    this.list.replaceChildren(...shown.map((each, place) => this.#line(each, place)));
    this.part("new").hidden = !typed || all.some(({ word }) => word === typed);
    this.part("new").textContent = say(this.dialog.dataset.adds, { word: typed });
    this.part("none").hidden = all.length > 0;
    if (!wasInList) return;
    const same = [...this.list.querySelectorAll("button")].find((b) => b.dataset.word === focused);
    (same ?? this.input).focus();
  }

  #line({ word, count }, place) {
    const line = this.part("line").content.firstElementChild.cloneNode(true);
    const button = line.querySelector("button");
    const pressed = { all: "true", some: "mixed", none: "false" };
    button.dataset.word = word;
    button.setAttribute("aria-pressed", pressed[carried(word, this.#specimens)]);
    line.querySelector("kbd").textContent = place + 1;
    line.querySelector("kbd").hidden = place > 8 || Boolean(this.input.value);
    line.querySelector(".tag-word").textContent = word;
    line.querySelector(".tag-count").textContent = count || "";
    return line;
  }
}
