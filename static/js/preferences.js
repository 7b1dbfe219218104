/** How the person likes the pages; the layout carries it, the server keeps it. */

import { call } from "./api.js";

export function preferences() {
  return JSON.parse(globalThis.document?.body.dataset.preferences ?? "{}");
}

/** Takes effect on this page at once; rejects when the server could not keep it. */
export async function prefer(name, value) {
  document.body.dataset.preferences = JSON.stringify({ ...preferences(), [name]: value });
  await call("PUT", `/preferences/${name}`, { json: value, keepalive: true });
}
