/** Drafts that an editor left in the browser because the server was away: sent by the next page. */

import { ApiError, call, formOf } from "../api.js";
import { pixelsOfDraft } from "../editor/bits.js";
import { encodeMask } from "../png.js";

const lockOf = (specimenId) => `mothmask.drawing.${specimenId}`;

/** Called by the page that draws: as long as it is open, it alone sends this draft. */
export function holdDraft(specimenId) {
  navigator.locks?.request(lockOf(specimenId), () => new Promise(() => {}));
}

/** Send what is newer than the server's own; what cannot be sent stays where it is. */
export async function sendDrafts(store, person) {
  const kept = await store.all().catch(() => []);
  for (const draft of kept.filter((each) => each.person === person)) {
    await ifNobodyDraws(draft.specimenId, () => sendDraft(store, draft)).catch(forget);
  }
}

function ifNobodyDraws(specimenId, act) {
  if (!navigator.locks) return act();
  const options = { ifAvailable: true };
  return navigator.locks.request(lockOf(specimenId), options, (lock) => lock && act());
}

export async function sendDraft(store, draft) {
  const { specimenId, parentId, cropId, width, height, moment } = draft;
  const file = await encodeMask(pixelsOfDraft(draft), width, height);
  const form = formOf({ file, parent_id: parentId, crop_id: cropId, drawn_at: moment });
  await call("PUT", `/specimens/${specimenId}/draft`, { form });
  await store.removeIf(specimenId, (now) => now.moment === moment);
}

function forget(error) {
  if (!(error instanceof ApiError)) throw error;
}
