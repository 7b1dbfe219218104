/** The page of a source: patterns are tried while they are typed, tables are shown before they count. */

import { ApiError, answerOf, call, sentenceOf } from "../api.js";
import { pageData, say } from "../texts.js";

const { presets = {}, texts } = pageData();
const PAUSE = 300;

function made(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

export function tableOf(header, rows) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const title of header) {
    const cell = made("th", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { cells, className = "" } of rows) {
    const row = body.insertRow();
    row.className = className;
    row.append(...cells.map((text) => made("td", text)));
  }
  return table;
}

function rowOf(tried) {
  const { taxon, number, individual, sex, view } = tried.parts;
  const fits = tried.label ? texts.label : tried.fits ? texts.yes : texts.no;
  const className = tried.fits || tried.label ? "" : "misfit";
  return { cells: [tried.name, fits, taxon, number, individual, sex, view], className };
}

async function attempt(form, asked) {
  const said = document.getElementById("trial-said");
  const place = document.getElementById("trial-table");
  const json = {
    name_pattern: form.elements.name_pattern.value,
    label_pattern: form.elements.label_pattern.value,
    names: document.getElementById("trial-names").value,
  };
  try {
    const reply = await call("POST", form.dataset.trial.replace("/api/v1", ""), { json });
    if (asked !== latest) return;
    const { fitting, names } = reply;
    said.textContent = names.length ? say(texts.fitting, { fitting, count: names.length }) : texts.none;
    place.replaceChildren(tableOf(texts.header, names.map(rowOf)));
    place.hidden = !names.length;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (asked === latest) said.textContent = sentenceOf(error);
  }
  said.classList.toggle("danger", !said.textContent.match(/^\d/));
}

let latest = 0;

function tryPatterns(form) {
  const details = document.getElementById("trial");
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    latest += 1;
    const asked = latest;
    if (details.open) timer = setTimeout(() => attempt(form, asked), PAUSE);
  };
  for (const name of ["name_pattern", "label_pattern"]) {
    form.elements[name].addEventListener("input", soon);
  }
  document.getElementById("trial-names").addEventListener("input", soon);
  details.addEventListener("toggle", soon);
  document.getElementById("preset").addEventListener("change", (event) => {
    for (const [name, value] of Object.entries(presets[event.target.value] ?? {})) {
      form.elements[name].value = value;
    }
    details.open = true;
    soon();
  });
  soon();
}

function show(form, reply) {
  const place = form.querySelector(".told");
  const part = (name) => place.querySelector(`[data-part="${name}"]`);
  part("told").replaceChildren(...(reply.told ?? []).map((text) => made("li", text)));
  const problems = (reply.problems ?? []).map((each) => made("li", say(texts.line, each)));
  part("problems").replaceChildren(...problems);
  const rows = (reply.first ?? []).map((cells) => ({ cells }));
  part("table").replaceChildren(...(rows.length ? [tableOf(reply.header, rows)] : []));
  place.hidden = false;
  const key = form.querySelector('[data-part="key"]');
  if (!key || !reply.columns?.length) return;
  const options = reply.columns.map((title) => new Option(title, title, false, title === reply.key));
  key.querySelector("select").replaceChildren(...options);
  key.hidden = false;
}

/** What the page says of its tables elsewhere is asked for again. */
async function refresh() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  for (const old of document.querySelectorAll("[data-told-elsewhere]")) {
    const fresh = page.getElementById(old.id);
    if (fresh) old.replaceWith(fresh);
  }
}

async function send(form, preview) {
  const button = form.querySelector("button");
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  let usable = false;
  try {
    const action = `${form.getAttribute("action")}${preview ? "?preview=true" : ""}`;
    const response = await fetch(action, { method: "POST", body: new FormData(form) });
    const reply = answerOf(response.status, await response.text());
    usable = preview;
    show(form, preview ? reply : { ...reply, told: [texts.done, ...reply.told] });
    if (!preview) await refresh().catch(() => {});
  } catch (error) {
    const known = error instanceof ApiError ? error : new ApiError(0);
    show(form, { told: [], problems: [] });
    form.querySelector('[data-part="told"]').replaceChildren(made("li", sentenceOf(known), "danger"));
  } finally {
    form.removeAttribute("aria-busy");
    button.disabled = !usable && !("direct" in form.dataset);
  }
}

function takeTable(form) {
  const key = form.querySelector("select");
  const preview = () => form.elements.files.files.length && send(form, true);
  if (!("direct" in form.dataset)) {
    form.elements.files.addEventListener("change", () => {
      key?.replaceChildren();
      preview();
    });
    key?.addEventListener("change", preview);
    preview();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, false);
  });
}

const settings = document.getElementById("settings");
if (settings) tryPatterns(settings);
document.querySelectorAll("form[data-table]").forEach(takeTable);
