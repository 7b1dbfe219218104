/** Fills the strip of other masks: versions and candidates, unfinished work that was left, and none. */

import { fetchMask } from "./files.js";
import { paintOnBlue } from "./small.js";

export function fillOthers(others, { data, start, mask }) {
  const { texts } = data;
  for (const { title, pixels } of start.left) {
    const paint = (canvas) => paintOnBlue(canvas, start.bitmap, { ...size(mask), data: pixels });
    others.addOwn({ title, paint, load: async () => pixels });
  }
  for (const each of data.masks) others.add(each);
  const load = async () => new Uint8Array(mask.data.length);
  others.addOwn({ title: texts.empty, detail: texts.emptyDetail, load });
  const isCurrent = ({ kind, id }) => kind === "version" && id === data.parent_id;
  if (start.entry) others.choose(others.find(isCurrent) ?? null);
}

/** A version that somebody saved meanwhile: first in the strip, and shown as an outline. */
export async function showVersion(others, version, mask, bitmap) {
  const pixels = await fetchMask(version.mask_full, mask);
  const paint = (canvas) => paintOnBlue(canvas, bitmap, { ...size(mask), data: pixels });
  const entry = { ...version, kind: "version", id: version.version_id };
  others.choose(others.add({ ...entry, paint, load: async () => pixels }, { first: true }));
}

function size({ width, height }) {
  return { width, height };
}
