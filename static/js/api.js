/** The JSON API as functions. Whatever fails is an `ApiError` with a sentence for people. */

const ROOT = "/api/v1";

/** Milliseconds after which no answer is expected any more. */
const SLOWEST = 60_000;
const SLOWEST_UPLOAD = 600_000;
/** Browsers refuse to finish longer requests for a page that is gone. */
const LONGEST_KEPT_ALIVE = 20_000;

export class ApiError extends Error {
  /** `status` is 0 when no answer came; `sentence` is empty when the server gave none. */
  constructor(status, body = {}) {
    super(body.error ?? `HTTP ${status}`);
    this.status = status;
    this.sentence = body.error ?? "";
    this.body = body;
  }
}

export async function call(method, path, { json, form, keepalive = false } = {}) {
  const signal = AbortSignal.timeout(form ? SLOWEST_UPLOAD : SLOWEST);
  const options = { method, signal, keepalive, headers: { accept: "application/json", ...whose() } };
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.keepalive = keepalive && options.body.length < LONGEST_KEPT_ALIVE;
    options.headers["content-type"] = "application/json";
  } else if (form !== undefined) {
    options.body = form;
  }
  let response, text;
  try {
    response = await fetch(ROOT + path, options);
    text = await response.text(); // a reply that broke off is no reply
  } catch {
    throw new ApiError(0);
  }
  return answerOf(response.status, text);
}

/** The server refuses what a page sends after somebody else came in by the same browser. */
function whose() {
  const { person } = document.body.dataset;
  return person ? { "mothmask-person": person } : {};
}

/** The parsed body of a success; anything else is thrown as an `ApiError`. */
export function answerOf(status, text) {
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    body = {};
  }
  if (status < 200 || status > 299) throw new ApiError(status, body);
  return body;
}

export function formOf(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) form.append(name, value);
  }
  return form;
}

/** Version-4 UUID; `crypto.randomUUID` is missing on plain-http pages, `getRandomValues` is not. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** What an error says to people; sentences of our own come from the page. */
export function sentenceOf(error) {
  if (error.sentence) return error.sentence;
  return error.status === 0 ? document.body.dataset.offline : document.body.dataset.broken;
}
