/** Changing keys: which change is allowed, and what is to be kept. Nothing here knows the page. */

import { FIXED, Keymap } from "./keymap.js";

/** {keys} to keep, or why not: {fixed: true}, {taken: action}. */
export function changed(keys, page, action, key) {
  const keymap = new Keymap(page, keys[page] ?? {});
  if (keymap.keysOf(action).includes(key)) return { keys };
  if (FIXED[page].includes(key)) return { fixed: true };
  const other = keymap.actionOf(key);
  if (other) return { taken: other };
  return { keys: given(keys, page, { [action]: key }) };
}

/** The key of another action in exchange for one's own. */
export function swapped(keys, page, action, key) {
  const keymap = new Keymap(page, keys[page] ?? {});
  const other = keymap.actionOf(key);
  const isOwn = keymap.ownKeyOf(other) === key;
  const exchange = isOwn ? { [other]: keymap.ownKeyOf(action) } : {};
  return given(keys, page, { [action]: key, ...exchange });
}

/** The action as it came with the program, with whatever its own key was given to. */
export function reset(keys, page, action) {
  const own = { ...keys[page] };
  delete own[action];
  const defaults = new Keymap(page, {}).keysOf(action);
  for (const [other, key] of Object.entries(own)) if (defaults.includes(key)) delete own[other];
  return tidy({ ...keys, [page]: own });
}

function given(keys, page, more) {
  const own = { ...keys[page], ...more };
  const asItCame = new Keymap(page, {});
  for (const [action, key] of Object.entries(own)) {
    if (asItCame.ownKeyOf(action) === key) delete own[action];
  }
  return tidy({ ...keys, [page]: own });
}

/** Only what differs is kept. */
function tidy(keys) {
  return Object.fromEntries(Object.entries(keys).filter(([, own]) => Object.keys(own).length));
}
