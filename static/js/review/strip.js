/** The line above the picture: what is in view, why, how far; and what is said of it in passing. */

import { clock, say } from "../texts.js";

export class Strip {
  constructor(root, texts) {
    this.texts = texts;
    this.parts = {};
    for (const part of root.querySelectorAll("[data-part]")) this.parts[part.dataset.part] = part;
  }

  show(sight, { labelled, total }) {
    const { key, source, tags, tag, progress, outcome, why } = this.parts;
    const item = sight?.item;
    key.textContent = item?.key ?? "";
    source.textContent = [item?.source, item?.taxon].filter(Boolean).join(" · ");
    tags.replaceChildren(...(item?.tags ?? []).map((word) => this.#tag(tag, word)));
    why.textContent = item?.why ?? "";
    outcome.textContent = this.texts.outcomes[sight?.outcome] ?? "";
    outcome.hidden = !outcome.textContent;
    progress.textContent = say(this.texts.progress, { labelled, total });
  }

  #tag(template, word) {
    const made = template.content.firstElementChild.cloneNode(true);
    made.textContent = word;
    return made;
  }
}

/** "v3, Lin, 14:02" for a label version. */
export function versionLine(texts, { number, person, created_at }) {
  return say(texts.version, { number, person, time: clock(created_at) });
}
