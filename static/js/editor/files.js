/** Masks as files: fetched, decoded and encoded away from the page's own thread. */

import { Heavy } from "./heavy.js";

const worker = new Heavy(
  () => new Worker(new URL("./files-worker.js", import.meta.url), { type: "module" }),
);

/** The mask as an 8-bit one-channel PNG, as it is at this moment. */
export async function encodeMask(mask) {
  return new Blob([await worker.run("encode", mask)], { type: "image/png" });
}

/** The pixels of a mask on the server, at the size asked for. */
export function fetchMask(url, { width, height }) {
  const { href } = new URL(url, document.baseURI);
  return worker.run("fetch", { width, height, data: new Uint8Array(0) }, href);
}
