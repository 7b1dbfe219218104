/** Keys as words ("a", "Ctrl+Enter", "ArrowLeft"), and when they are meant for us. */

import { preferences } from "./preferences.js";

/** The name of a key press: modifiers first, letters in lower case. */
export function nameOf({ key, code = "", ctrlKey, metaKey, altKey, shiftKey }) {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  // An input method or another script is on: the place of the key says which letter is meant.
  const meant = letter && !/^[ -~]+$/.test(key === "Process" ? "" : key) ? letter : key;
  const single = [...meant].length === 1;
  const shift = shiftKey && (!single || /[a-z]/i.test(meant));
  const parts = [(ctrlKey || metaKey) && "Ctrl", altKey && "Alt", shift && "Shift"];
  return [...parts.filter(Boolean), single ? meant.toLowerCase() : meant].join("+");
}

/** Whether speech input could press it by mistake: a letter, digit or sign without Ctrl or Alt. */
export function isCharacter(name) {
  return [...name.replace(/^Shift\+/, "")].length === 1 && name !== " ";
}

export function isTyping(target) {
  if (!target?.closest) return false;
  if (target.closest("textarea, select, [contenteditable]")) return true;
  const input = target.closest("input");
  return Boolean(input) && !["checkbox", "radio", "range", "button", "file"].includes(input.type);
}

/** Single-letter keys can be switched off (WCAG 2.1.4). */
export function lettersAreOff() {
  return preferences().letters === false;
}

/** Keys within a dialog that is open. */
export function listenIn(dialog, actions) {
  dialog.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    if (!actions[name] || isTyping(event.target)) return;
    if (isCharacter(name) && lettersAreOff()) return;
    event.preventDefault();
    actions[name](event);
  });
}

/** Calls the action whose key is pressed, unless the person types, a dialog is open, or it is off. */
export function listen(actions, { target = document } = {}) {
  target.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    const action = actions[name];
    if (!action || event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (isCharacter(name) && lettersAreOff()) return;
    event.preventDefault();
    action(event);
  });
}
