/** Keys as words ("a", "Ctrl+Enter", "ArrowLeft"), and when they are meant for us. */

const LETTERS_OFF = "mothmask.letters-off";

/** The name of a key press: modifiers first, letters in lower case. */
export function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const single = [...key].length === 1;
  const shift = shiftKey && (!single || /[a-z]/i.test(key));
  const parts = [(ctrlKey || metaKey) && "Ctrl", altKey && "Alt", shift && "Shift"];
  return [...parts.filter(Boolean), single ? key.toLowerCase() : key].join("+");
}

export function isTyping(target) {
  if (!target?.closest) return false;
  if (target.closest("textarea, select, [contenteditable]")) return true;
  const input = target.closest("input");
  return Boolean(input) && !["checkbox", "radio", "range", "button", "file"].includes(input.type);
}

export function lettersAreOff() {
  return localStorage.getItem(LETTERS_OFF) === "yes";
}

export function switchLetters(off) {
  localStorage.setItem(LETTERS_OFF, off ? "yes" : "no");
}

/** Calls the action whose key is pressed, unless the person types, a dialog is open, or it is off. */
export function listen(actions, { target = document } = {}) {
  target.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    const action = actions[name];
    if (!action || event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if ([...name].length === 1 && lettersAreOff()) return;
    event.preventDefault();
    action(event);
  });
}
