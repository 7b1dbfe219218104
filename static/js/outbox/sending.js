/** Outbox entries as requests: a mask goes as multipart, any other decision as JSON. */

import { call, formOf, uuid } from "../api.js";
import { Store } from "./store.js";

const drafts = new Store("drafts");

export async function send({ specimenId, path, fields, file, order }) {
  if (!file) return call("POST", path, { json: fields, keepalive: true });
  const answer = await call("POST", path, { form: formOf({ ...fields, file }) });
  // A saved mask ends the draft, as it does on the server, unless the hand went on meanwhile.
  const isOlder = ({ moment }) => Date.parse(moment) <= order;
  await drafts.removeIf(specimenId, isOlder).catch(() => {});
  return answer;
}

export function decisionEntry(item, fields, more = {}) {
  const id = uuid();
  return {
    id,
    specimenId: item.id,
    key: item.key,
    path: `/specimens/${item.id}/reviews`,
    fields: { parent_id: item.parent_id, ...fields, decision_id: id },
    file: null,
    ...more,
  };
}

/** `crop_id` among `more` is the crop that a hand drew on, whatever box there is by now. */
export function maskEntry(item, origin, file, more = {}) {
  const path = `/specimens/${item.id}/versions`;
  return decisionEntry(item, { origin, ...more }, { path, file, ...seen(item, null) });
}

/** A second person's mask of a benchmark member: it is compared with the label, and becomes none. */
export function secondEntry(item, origin, file, more = {}) {
  const path = `/benchmark/members/${item.id}/second-labels`;
  return { ...maskEntry(item, origin, file, more), path };
}

/** What the author had in view, so that a conflict can be shown as two pictures. */
export function seen(item, mask) {
  return { picture: item.crop.picture, mask: mask?.mask ?? null };
}
