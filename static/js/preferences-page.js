/** The page on which a person sets their keys, single-letter keys and fill colour. */

import { sentenceOf } from "./api.js";
import { changed, reset, swapped } from "./keychange.js";
import { Keymap, shown } from "./keymap.js";
import { lettersAreOff, nameOf } from "./keys.js";
import { prefer, preferences } from "./preferences.js";
import { pageData, say } from "./texts.js";

const MODIFIERS = ["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Unidentified"];

const { texts } = pageData();
const at = (id) => document.getElementById(id);

/** The action that waits for its key: {page, action, key}. */
let asked = null;

const keysNow = () => preferences().keys ?? {};
const nameIn = (page, action) =>
  document.querySelector(`[data-page="${page}"] [data-row="${action}"] th`).textContent;

async function keep(name, value, text) {
  at("problem").textContent = "";
  at("said").textContent = text;
  try {
    await prefer(name, value);
  } catch (error) {
    at("problem").textContent = sentenceOf(error);
  }
  show();
}

function show() {
  for (const table of document.querySelectorAll("[data-page]")) {
    const { page } = table.dataset;
    new Keymap(page).label(table);
    for (const row of table.querySelectorAll("[data-row]")) {
      const { row: action } = row.dataset;
      const isAsked = asked?.page === page && asked.action === action;
      row.querySelector("[data-reset]").hidden = !keysNow()[page]?.[action];
      row.querySelector("[data-change]").setAttribute("aria-pressed", String(isAsked));
      row.classList.toggle("asked", isAsked);
    }
  }
  at("swap").hidden = !asked?.taken;
  at("reset-all").hidden = Object.keys(keysNow()).length === 0;
  at("letters").checked = !lettersAreOff();
  at("fill").value = preferences().fill ?? "blue";
}

function ask(page, action) {
  asked = { page, action };
  at("said").textContent = say(texts.waiting, { action: nameIn(page, action) });
  show();
}

function stop(text = "") {
  asked = null;
  at("said").textContent = text;
  show();
}

function take(key) {
  const { page, action } = asked;
  const result = changed(keysNow(), page, action, key);
  asked.taken = result.taken ? key : null;
  const cap = shown(key);
  if (result.fixed) at("said").textContent = say(texts.fixed, { key: cap });
  if (result.taken) {
    const other = nameIn(page, result.taken);
    at("said").textContent = say(texts.taken, { key: cap, other });
  }
  if (result.keys) {
    asked = null;
    keep("keys", result.keys, say(texts.set, { action: nameIn(page, action), key: cap }));
  } else show();
}

document.addEventListener("keydown", (event) => {
  if (!asked || MODIFIERS.includes(event.key)) return;
  if (event.key === "Tab" || event.target === at("swap")) return;
  event.preventDefault();
  if (event.key === "Escape") stop();
  else take(nameOf(event));
});

document.addEventListener("click", ({ target }) => {
  const row = target.closest("[data-row]");
  if (!row) return;
  const { page } = row.closest("[data-page]").dataset;
  const action = row.dataset.row;
  if (target.closest("[data-change]")) ask(page, action);
  if (target.closest("[data-reset]")) {
    asked = null;
    const text = say(texts.reset, { action: nameIn(page, action) });
    keep("keys", reset(keysNow(), page, action), text);
  }
});

at("swap").addEventListener("click", () => {
  const { page, action, taken } = asked;
  asked = null;
  keep("keys", swapped(keysNow(), page, action, taken), texts.swapped);
});
at("reset-all").addEventListener("click", () => keep("keys", {}, texts.resetAll));
at("letters").addEventListener("change", () => keep("letters", at("letters").checked, texts.saved));
at("fill").addEventListener("change", () => keep("fill", at("fill").value, texts.saved));
show();
