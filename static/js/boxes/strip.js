/** What is known of a box, in words: above the photograph, and links beside it. */

import { say } from "../texts.js";

const at = (id) => document.getElementById(id);

/** `waiting` is how many boxes are still to be looked at; null while nobody knows. */
export function describe(item, waiting, texts) {
  const part = (name) => at("strip").querySelector(`[data-part=${name}]`);
  part("key").textContent = item.key;
  part("source").textContent = [item.source, item.taxon].filter(Boolean).join(" · ");
  part("origin").textContent = origin(item, texts);
  at("warnings").replaceChildren(...item.warnings.map(badge));
  at("open-specimen").href = `/specimens/${item.id}`;
  at("drafts").hidden = !item.drafts.length;
  at("drafts").textContent = say(texts.drafts, { names: item.drafts.join(", ") });
  const said = item.said ?? (item.checked ? "right" : null);
  at("verdict").hidden = !said;
  at("verdict").textContent = said ? texts.said[said] : "";
  at("progress").textContent = waiting === null ? "" : say(texts.waiting, { count: waiting });
}

function origin(item, texts) {
  if (!item.crop_id) return texts.nothingFound;
  if (item.confidence === null) return item.origin;
  return say(texts.found, { ...item, confidence: item.confidence.toFixed(2) });
}

function badge(text) {
  return Object.assign(document.createElement("span"), { className: "badge", textContent: text });
}
