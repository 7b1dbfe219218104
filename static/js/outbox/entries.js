/**
 * What an outbox entry means, without sending it.
 *
 * An entry is {id, person, order, specimenId, key, path, fields, file, picture, mask, retracts,
 * restores, refusal}. A decision on many specimens has `specimenIds` in place of `specimenId`, and
 * `fields.items` with one {decision_id, specimen_id, parent_id, …} for each.
 */

const TRIES_OF_A_BROKEN_SERVER = 5;

/** Network, login, overload and full disk pass; everything else is an answer. */
export function isPassing(status, tries) {
  if (status === 500) return tries < TRIES_OF_A_BROKEN_SERVER;
  return status === 0 || status === 401 || status === 408 || status === 429 || status > 500;
}

export function concerned({ specimenId, specimenIds }) {
  return specimenIds ?? [specimenId];
}

/** Those that take back a decision. */
export function retracting(entries, entry) {
  return entries.filter((other) => decisionIds(entry).includes(other.retracts));
}

/** The ids under which a retraction may name it. */
function decisionIds({ id, fields }) {
  if (fields.decision_id) return [fields.decision_id];
  return [id, ...(fields.items ?? []).map((item) => item.decision_id)];
}

/** The label version that stands after an answered decision; undefined where it moved nothing. */
export function labelAfter(entry, answer) {
  switch (entry.fields.decision ?? "accept") {
    case "accept":
      return answer.version_id;
    case "retract":
      return entry.restores;
    case "reject":
      return entry.fields.version_id ? null : undefined;
    default:
      return undefined;
  }
}

/** A decision on many specimens as the decisions it consists of; any other as itself. */
export function single(entry, answer = {}) {
  if (!entry.specimenIds) return [{ entry, answer }];
  const { items, ...shared } = entry.fields;
  const answers = new Map(answer.reviews?.map((each) => [each.specimen_id, each]));
  return items.map(({ specimen_id, ...own }) => ({
    entry: { ...entry, specimenId: specimen_id, fields: { ...shared, ...own } },
    answer: answers.get(specimen_id) ?? {},
  }));
}

/** What waits is based on the label that an earlier entry of the same person has made. */
export function rebase(entry, specimenId, label) {
  const isConcerned = ({ specimen_id }) => specimen_id === specimenId;
  const places = entry.specimenIds ? entry.fields.items.filter(isConcerned) : [entry.fields];
  for (const place of places) if ("parent_id" in place) place.parent_id = label;
}

/** What waits for the same specimen learns what an answer has changed; returns those entries. */
export function follow(waiting, { entry, answer }) {
  const label = labelAfter(entry, answer);
  const { id, specimenId } = entry;
  const same = waiting.filter((next) => next.id !== id && concerned(next).includes(specimenId));
  for (const next of same) {
    if (label !== undefined) rebase(next, specimenId, label);
    if (!decisionIds(entry).includes(next.retracts)) continue;
    next.fields.retracts_id = answer.review_id;
    next.restores = entry.fields.parent_id;
  }
  return same;
}

/**
 * A refused decision on many specimens, split: what was stale becomes decisions of its own, each
 * with its refusal, and the rest can go. `refusal.stale` is [{specimen_id, key, error, current}].
 */
export function split(entry) {
  const stale = new Map(entry.refusal.stale.map((each) => [each.specimen_id, each]));
  const left = single(entry).filter((each) => stale.has(each.entry.specimenId));
  const apart = left.map(({ entry: { specimenIds, ...own } }) => {
    const { error, current, key } = stale.get(own.specimenId);
    const refusal = { status: 409, error, sentence: error, current };
    const seen = entry.seen?.[own.specimenId];
    const path = `/specimens/${own.specimenId}/reviews`;
    return { ...own, id: own.fields.decision_id, key: key ?? own.key, path, refusal, ...seen };
  });
  const { refusal, ...rest } = entry;
  rest.specimenIds = entry.specimenIds.filter((id) => !stale.has(id));
  const items = entry.fields.items.filter(({ specimen_id }) => !stale.has(specimen_id));
  rest.fields = { ...entry.fields, items };
  return rest.specimenIds.length ? [rest, ...apart] : apart;
}
