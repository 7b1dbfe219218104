/** Finds the newest draft, on the server or in the browser, and asks whether to go on with it. */

import { fetchBitmap, maskOf } from "../images.js";

/** {moment, parentId, load} or null; a draft of another crop does not fit and is left out. */
export async function newestDraft({ specimen, person, draft, crop }, store) {
  const kept = await store.get(specimen);
  const fits = kept?.person === person && kept.width === crop.width && kept.height === crop.height;
  const own = fits && { moment: kept.moment, parentId: kept.parentId, load: () => kept.data };
  const sent = draft && {
    moment: draft.updated_at,
    parentId: draft.parent_id,
    load: async () => maskOf(await fetchBitmap(draft.mask), crop.width, crop.height),
  };
  if (!own || !sent) return own || sent;
  return new Date(own.moment) > new Date(sent.moment) ? own : sent;
}

/** Resolves to true when the person wants to go on with the draft. */
export function offerDraft(dialog, text) {
  dialog.querySelector("[data-part=text]").textContent = text;
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue !== "anew"), { once: true });
  });
}
