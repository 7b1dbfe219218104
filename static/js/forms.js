/**
 * Sends every `<form data-api>` to the JSON API.
 *
 * A form with enctype="multipart/form-data" goes as such and shows how much is sent; any other
 * goes as JSON. Afterwards the browser is at `data-then` ("/rounds/{round}"), or at the job that
 * the answer names, or back on the page it came from.
 */

import { ApiError, answerOf, sentenceOf, uuid } from "./api.js";
import { say } from "./texts.js";

export function jsonOf(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (!(name in fields)) fields[name] = value;
    else fields[name] = [].concat(fields[name], value);
  }
  return fields;
}

export function destination(then, answer) {
  if (then) return say(then, { ...answer.job, ...answer.source, ...answer });
  return answer.job ? `/jobs/${answer.job.id}` : "";
}

function part(form, selector, make) {
  const found = form.querySelector(selector);
  if (found) return found;
  const made = make();
  form.append(made);
  return made;
}

function tell(form, sentence) {
  const place = part(form, ".form-error", () => {
    const line = document.createElement("p");
    line.className = "form-error";
    line.setAttribute("role", "alert");
    return line;
  });
  place.textContent = sentence;
}

function send(form, body, headers) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(form.dataset.api || "POST", form.getAttribute("action"));
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => showProgress(form, event));
    request.addEventListener("error", () => reject(new ApiError(0)));
    request.addEventListener("load", () => {
      try {
        resolve(answerOf(request.status, request.responseText));
      } catch (error) {
        reject(error);
      }
    });
    request.send(body);
  });
}

function showProgress(form, event) {
  if (!event.lengthComputable || form.enctype !== "multipart/form-data") return;
  const bar = part(form, "progress", () => document.createElement("progress"));
  bar.hidden = false;
  bar.max = event.total;
  bar.value = event.loaded;
}

/** A password or token that nobody can see again stays until the page is left. */
function showOnce(form, buttons, secret) {
  const place = part(form, "output", () => document.createElement("output"));
  place.textContent = secret;
  place.closest("[hidden]")?.removeAttribute("hidden");
  buttons.forEach((button) => (button.disabled = false));
}

/** What is sent again after an answer got lost is the same request, not a second one. */
function identify(form) {
  const field = form.querySelector("input[name=request_id]");
  if (field && !field.value) field.value = uuid();
  return field;
}

async function submit(form) {
  const request = identify(form);
  const buttons = form.querySelectorAll("button");
  const multipart = form.enctype === "multipart/form-data";
  const body = multipart ? new FormData(form) : JSON.stringify(jsonOf(form));
  for (const { file, path } of form.dropped ?? []) body.append("files", file, path);
  form.dropped = [];
  const headers = multipart ? {} : { "content-type": "application/json" };
  tell(form, "");
  buttons.forEach((button) => (button.disabled = true));
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await send(form, body, { accept: "application/json", ...headers });
    if (request) request.value = ""; // who comes back to this page asks for something new
    if (form.dataset.shows) return showOnce(form, buttons, answer[form.dataset.shows]);
    const target = destination(form.dataset.then, answer);
    if (target) location.assign(target);
    else location.reload();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tell(form, sentenceOf(error));
    form.querySelector("progress")?.setAttribute("hidden", "");
    buttons.forEach((button) => (button.disabled = false));
  } finally {
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-api]")) return;
  event.preventDefault();
  submit(event.target);
});

window.formsAreReady = true;
if (window.heldForm) submit(window.heldForm);
