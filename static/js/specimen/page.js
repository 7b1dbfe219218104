/** Wiring of the page of one specimen: compare, restore, upload, tag. */

import { outbox } from "../outbox/leftovers.js";
import { decisionEntry, maskEntry, seen } from "../outbox/sending.js";
import { Upload } from "../review/upload.js";
import { TagDialog } from "../tags.js";
import { pageData } from "../texts.js";
import { Choice } from "./choice.js";
import { Comparison } from "./comparison.js";
import { Versions } from "./versions.js";

const { item, texts } = pageData();
const at = (id) => document.getElementById(id);

const choice = new Choice();
const comparison = new Comparison(at("comparison"), texts);
new Versions(at("versions"), texts);

function showChoice() {
  const buttons = [...document.querySelectorAll("[data-pick]")];
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(choice.has(button.dataset.pick)));
  }
  const found = choice.names.map((name) => buttons.find(({ dataset }) => dataset.pick === name));
  comparison.show(found);
}

/** At first: the newest version beside the one it replaced, or the best candidate. */
function begin() {
  const first = document.querySelector("[data-pick]");
  if (!first) return;
  choice.pick(first.dataset.pick);
  const { parent } = first.dataset;
  if (document.querySelector(`[data-pick="${parent}"]`)) choice.pick(parent);
  showChoice();
}

/** A new version shows on the page as it is loaded again; a refusal is told by the banner. */
async function save(entry, text) {
  at("said").textContent = text;
  await outbox.drop(item.id);
  const { answer } = await outbox.add(entry);
  at("said").textContent = "";
  if (!answer) return;
  location.hash = `version-${answer.number}`;
  location.reload();
}

function restore({ dataset }) {
  const path = `/specimens/${item.id}/restorations`;
  const fields = { version_id: Number(dataset.restore) };
  save(decisionEntry(item, fields, { path, ...seen(item, { mask: dataset.mask }) }), texts.restoring);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.pick) {
    choice.pick(button.dataset.pick);
    showChoice();
  }
  if (button?.dataset.restore) restore(button);
});

function showTags() {
  const links = item.tags.map((word) => {
    const link = document.createElement("a");
    Object.assign(link, { className: "badge", textContent: word });
    link.href = `/specimens?tag=${encodeURIComponent(word)}`;
    return link;
  });
  at("tags").replaceChildren(...links);
}

const tags = new TagDialog(at("tag-dialog"), { outbox, onChange: showTags });
at("edit-tags").addEventListener("click", () => tags.open([item]));

if (item.crop) {
  const onFile = (file) => save(maskEntry(item, "upload", file), texts.uploading);
  const upload = new Upload({ input: at("upload-file"), target: at("comparison"), onFile });
  at("upload").addEventListener("click", () => upload.pick());
}
begin();
