/** Wiring of the page that shows the files of an import and takes those that are ticked. */

import { call, sentenceOf } from "../api.js";
import { pageData, say } from "../texts.js";
import { Card } from "./card.js";
import { Choice } from "./choice.js";

const PER_PAGE = 48;
const POLL = 1500;
const TAKEABLE = "matched";

const data = pageData();
const { texts } = data;
const at = (id) => document.getElementById(id);
const address = `/mask-imports/${data.import}`;

const choice = new Choice();
const cards = new Map();
let counts = {};
let untaken = 0;
let shown = null;
let next = null;
let loading = null;

function show(outcome) {
  shown = outcome;
  next = 0;
  cards.clear();
  at("files").replaceChildren();
  return more();
}

/** Load the next files, unless they are on their way. */
function more() {
  loading ??= load().finally(() => (loading = null));
  return loading;
}

async function load() {
  if (next === null || !shown) return;
  const wanted = shown;
  at("more").hidden = false;
  const query = `outcome=${wanted}&after=${next}&limit=${PER_PAGE}`;
  const answer = await call("GET", `${address}?${query}`);
  if (wanted !== shown) return;
  next = answer.next_after;
  at("more").hidden = next === null;
  count(answer);
  answer.files.forEach(add);
}

function add(file) {
  const card = new Card(at("card"), {
    texts,
    kinds: data.kinds,
    onTick: (id, isTicked) => {
      choice.set(id, isTicked);
      showTaking();
    },
    onCorrect: correct,
  });
  card.show(file, choice.has(file.id));
  cards.set(file.id, card);
  at("files").append(card.element);
}

async function correct(id, fields) {
  try {
    const file = await call("PATCH", `${address}/files/${id}`, { json: fields });
    cards.get(id)?.show(file, choice.has(id));
    at("taking-error").textContent = "";
  } catch (error) {
    if (error.status === undefined) throw error;
    at("taking-error").textContent = sentenceOf(error);
  }
  count(await call("GET", `${address}?limit=1`));
}

function count(answer) {
  ({ counts, untaken } = answer);
  const tabs = Object.entries(data.outcomes)
    .filter(([code]) => counts[code])
    .map(([code, word]) => tab(code, say(texts.outcome, { word, count: counts[code] })));
  at("outcomes").replaceChildren(...tabs);
  showTaking();
}

function tab(code, text) {
  const button = document.createElement("button");
  button.textContent = text;
  button.dataset.outcome = code;
  button.setAttribute("aria-pressed", String(code === shown));
  button.addEventListener("click", () => show(code));
  return button;
}

function showTaking() {
  const ticked = choice.count(untaken);
  at("taking").hidden = untaken === 0;
  for (const name of ["versions", "candidates"]) {
    at(name).textContent = say(texts[name], { count: ticked });
    at(name).disabled = ticked === 0;
  }
}

async function take(as) {
  for (const name of ["versions", "candidates"]) at(name).disabled = true;
  at("taking-error").textContent = "";
  try {
    const fields = { as, ...choice.fields };
    const before = untaken;
    const { left } = await call("POST", `${address}/taking`, { json: fields });
    tickAll(false); // what was left out waits for another decision
    count(await call("GET", `${address}?limit=1`));
    const taken = before - untaken;
    const made = say(as === "versions" ? texts.made : texts.proposed, { count: taken });
    at("outcome").textContent = left ? `${made} ${say(texts.left, { count: left })}` : made;
    at("outcome").hidden = false;
    at("outcome").scrollIntoView({ block: "nearest" });
    await show(TAKEABLE);
  } catch (error) {
    if (error.status === undefined) throw error;
    at("taking-error").textContent = sentenceOf(error);
  }
  showTaking();
}

/** While workers read the files, what they found so far is shown; it grows. */
async function begin() {
  const answer = await call("GET", `${address}?limit=1`);
  count(answer);
  const first = Object.keys(data.outcomes).find((code) => counts[code]);
  if (!shown && first) await show(first);
  if (["queued", "running"].includes(answer.job.state)) setTimeout(begin, POLL);
  else if (data.isOpen) {
    data.isOpen = false;
    document.querySelector(".job")?.remove(); // what was read is all there is to see of it now
    await show(counts[TAKEABLE] ? TAKEABLE : first);
  }
}

function tickAll(isTicked) {
  at("tick-all").checked = isTicked;
  choice.setAll(isTicked);
  for (const card of cards.values()) card.show(card.file, isTicked);
  showTaking();
}

at("tick-all").addEventListener("change", ({ target }) => tickAll(target.checked));
at("versions").addEventListener("click", () => take("versions"));
at("candidates").addEventListener("click", () => take("candidates"));
new IntersectionObserver(([entry]) => entry.isIntersecting && more()).observe(at("more"));
await begin();
