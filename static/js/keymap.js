/**
 * What can be done by key on each page, and by which key.
 *
 *   const keymap = new Keymap("editor");
 *   keymap.listen({ brush: () => …, undo: () => … });   // by action, not by key
 *   keymap.label(document);                             // <kbd> of [data-action], help dialog
 *
 * An action's first key is shown on its button. A key of the person's own (preference "keys")
 * takes the place of the first single character among the defaults, or of the first key. The words
 * for the actions stand in templates/preferences/_keys.html; a test compares the two.
 */

import { isCharacter, listen } from "./keys.js";
import { preferences } from "./preferences.js";

export const DEFAULTS = {
  review: {
    accept: ["a", "Ctrl+Enter"],
    reject: ["r"],
    redraw: ["e"],
    upload: ["u"],
    tag: ["t"],
    skip: ["s"],
    unusable: ["x"],
    "take-back": ["z"],
    version: ["v"],
    next: ["ArrowRight", "f"],
    previous: ["ArrowLeft", "d"],
    fill: ["c"],
    mask: ["m"],
    fit: ["0"],
    help: ["?"],
  },
  editor: {
    accept: ["Ctrl+Enter"],
    leave: ["Escape"],
    brush: ["b"],
    eraser: ["g"],
    polygon: ["p"],
    cut: ["Shift+p"],
    bucket: ["j"],
    hole: ["h"],
    wand: ["w"],
    blocks: ["k"],
    superpixels: ["l"],
    lasso: ["q"],
    mirror: ["m"],
    smooth: ["s"],
    grow: ["x"],
    shrink: ["c"],
    holes: ["Shift+h"],
    largest: ["i"],
    finer: ["["],
    coarser: ["]"],
    undo: ["Ctrl+z"],
    redo: ["Ctrl+y", "Ctrl+Shift+z"],
    view: ["o"],
    closer: ["+", "="],
    farther: ["-"],
    fit: ["0"],
    help: ["?"],
  },
  grid: {
    accept: ["a", "Ctrl+Enter"],
    reject: ["r"],
    tag: ["t"],
    assign: ["g"],
    "take-back": ["z"],
    "next-batch": ["n"],
    review: ["e"],
    fill: ["c"],
    larger: ["+"],
    smaller: ["-"],
    help: ["?"],
  },
  boxes: {
    accept: ["a", "Ctrl+Enter"],
    draw: ["d"],
    beside: ["b"],
    nothing: ["n"],
    "turn-left": ["["],
    "turn-right": ["]"],
    reset: ["Escape"],
    "take-back": ["z"],
    previous: ["ArrowLeft"],
    next: ["ArrowRight", "f"],
    fit: ["0"],
    help: ["?"],
  },
};

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

/** Keys that always mean the same on a page and cannot be given to an action. */
export const FIXED = {
  review: ["Tab", "Shift+Tab", "Escape", "Enter", ..."123456789"],
  editor: ["Tab", "Shift+Tab", "Enter", " ", "Backspace", ...ARROWS],
  grid: [
    "Tab", "Shift+Tab", "Escape", "Enter", " ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown",
    "Home", "End", "PageUp", "PageDown",
  ],
  boxes: ["Tab", "Shift+Tab", "Enter"],
};

/** A key as it stands on the keyboard: "ArrowLeft" is ←, "Ctrl+z" is Ctrl+Z. */
export function shown(name) {
  const caps = {
    ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", " ": "Space",
    Delete: "Del",
  };
  const [, modifiers, key] = /^((?:(?:Ctrl|Alt|Shift)\+)*)(.+)$/s.exec(name);
  return modifiers + (caps[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

export class Keymap {
  constructor(page, own = preferences().keys?.[page] ?? {}) {
    Object.assign(this, { page, own });
  }

  get actions() {
    return Object.keys(DEFAULTS[this.page]);
  }

  /** The keys of an action, the one to show first. */
  keysOf(action) {
    const defaults = DEFAULTS[this.page][action];
    const own = this.own[action];
    if (!own) return defaults.filter((key) => !this.#taken(key));
    const replaced = new Keymap(this.page, {}).ownKeyOf(action);
    return [own, ...defaults.filter((key) => key !== replaced && !this.#taken(key))];
  }

  /** The one key of an action that the person may change. */
  ownKeyOf(action) {
    const defaults = DEFAULTS[this.page][action];
    return this.own[action] ?? defaults.find(isCharacter) ?? defaults[0];
  }

  actionOf(key) {
    return this.actions.find((action) => this.keysOf(action).includes(key));
  }

  /** Calls `actions[name]` for the key of each action; `fixed` is by key. */
  listen(actions, { fixed = {}, ...options } = {}) {
    const known = this.actions.filter((name) => actions[name] && isOffered(name));
    const byKey = known.flatMap((name) => this.keysOf(name).map((key) => [key, actions[name]]));
    listen({ ...Object.fromEntries(byKey), ...fixed }, options);
  }

  /** Write the keys on the buttons, and into the help: every `[data-keys="action"]`. */
  label(root) {
    for (const cap of root.querySelectorAll("[data-action] > kbd")) {
      const { action } = cap.parentElement.dataset;
      if (DEFAULTS[this.page][action]) cap.textContent = shown(this.keysOf(action)[0] ?? "");
    }
    for (const place of root.querySelectorAll("[data-keys]")) {
      place.replaceChildren(...this.keysOf(place.dataset.keys).map(cap));
    }
  }

  /** What the person gave to another action is no longer this action's default. */
  #taken(key) {
    return Object.values(this.own).includes(key);
  }
}

/** The page hides what somebody may not do (static/css/forms.css); then its key does nothing. */
function isOffered(action) {
  const button = document.querySelector(`[data-action="${action}"]`);
  const needs = button?.closest("[data-needs]")?.dataset.needs;
  return !needs || document.body.dataset.may.split(" ").includes(needs);
}

function cap(key) {
  const made = document.createElement("kbd");
  made.textContent = shown(key);
  return made;
}
