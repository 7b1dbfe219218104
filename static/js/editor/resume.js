/** Finds unfinished work, on the server or in the browser, and asks whether to go on with it. */

import { pixelsOfDraft } from "./bits.js";
import { fetchMask } from "./files.js";

/** The work on an earlier crop that the browser keeps: only the server can lay it onto this one. */
export async function earlierDraft({ specimen, crop }, store) {
  const kept = await store.get(specimen).catch(() => null);
  return kept?.cropId && kept.cropId !== crop.id ? kept : null;
}

/** {moment, parentId, load, isUnsent, isCarried} of each draft of the crop, the newest first. */
export async function findDrafts({ specimen, draft, crop }, store) {
  const { width, height } = crop;
  const kept = await store.get(specimen).catch(() => null);
  const found = [];
  const isOfCrop = !kept?.cropId || kept.cropId === crop.id;
  if (isOfCrop && kept?.width === width && kept.height === height) {
    const load = async () => pixelsOfDraft(kept);
    found.push({ moment: kept.moment, parentId: kept.parentId, load, isUnsent: true });
  }
  if (draft) {
    const load = () => fetchMask(draft.mask, crop);
    found.push({ moment: draft.updated_at, parentId: draft.parent_id, load, isUnsent: false, isCarried: draft.carried });
  }
  return found.sort((one, other) => new Date(other.moment) - new Date(one.moment));
}

/** Resolves to true when the person wants to go on with the draft that `paint` shows. */
export function offerDraft(dialog, text, paint) {
  dialog.querySelector("[data-part=text]").textContent = text;
  paint(dialog.querySelector("canvas"));
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue !== "anew"), { once: true });
  });
}
