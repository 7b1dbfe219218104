/** Wiring of the grid: who hears whom. */

import { call, sentenceOf } from "../api.js";
import { Help } from "../help.js";
import { Keymap } from "../keymap.js";
import { isTyping } from "../keys.js";
import { outbox } from "../outbox/leftovers.js";
import { Reasons } from "../review/reasons.js";
import { TagDialog } from "../tags.js";
import { pageData, say } from "../texts.js";
import { AssignDialog } from "./assigning.js";
import { Batch } from "./batch.js";
import { Bench } from "./bench.js";
import { BatchUndo } from "./deciding.js";
import { Hands } from "./hands.js";
import { GridLook, SIZES } from "./look.js";
import { Loupe } from "./loupe.js";
import { Source } from "./source.js";
import { Tiles } from "./tiles.js";

const { texts, filter, opens } = pageData();
const at = (id) => document.getElementById(id);

const look = new GridLook(localStorage);
const batch = new Batch();
const tiles = new Tiles({
  field: at("field"),
  hall: at("hall"),
  template: at("tile"),
  texts,
  batch,
  size: look.size,
});
const source = new Source((page) => {
  return call("GET", `/grid?${new URLSearchParams({ ...filter, ...page })}`);
});
const bench = new Bench({
  batch,
  source,
  outbox,
  undo: new BatchUndo(sessionStorage),
  texts,
  onChange: show,
  onSay: announce,
  onWarm: (coming) => tiles.warm(coming),
});
const loupe = new Loupe(at("loupe"), { tiles, texts });
const rejecting = new Reasons(at("reject-dialog"));
const tagging = new TagDialog(at("tag-dialog"), { outbox, onChange: () => tiles.arrange() });
const assigning = new AssignDialog(at("assign-dialog"), {
  onDone: (made) => announce(say(texts.assigned, made)),
});
const help = new Help(at("help-dialog"));
const keymap = new Keymap("grid");
new Hands({ field: at("field"), batch, tiles, loupe, onChange: show, onOpen: open });

function announce(text) {
  at("said").textContent = text;
}

function button(action, text, count) {
  const each = document.querySelector(`.bar [data-action=${action}]`);
  each.querySelector("span").textContent = say(count ? text : texts.plain[action], { count });
  each.disabled = count === 0;
}

function show({ isNew = false } = {}) {
  const [count, aside, rest] = [batch.tiles.length, batch.setAside.length, batch.rest.length];
  button("accept", rest < count ? texts.acceptRest : texts.acceptAll, rest);
  button("reject", texts.rejectAside, batch.setAside.filter(({ mask }) => mask).length);
  button("tag", aside ? texts.tagAside : texts.tagAll, aside || count);
  button("assign", aside ? texts.assignAside : texts.assignAll, aside || count);
  const total = `${source.total ?? "…"}${source.more ? "+" : ""}`;
  at("counts").textContent = say(texts.counts, { count, aside, total });
  at("empty").hidden = count > 0 || bench.isLoading || Boolean(bench.trouble);
  for (const each of at("empty").children) each.hidden = each.dataset.when !== bench.state;
  at("field").setAttribute("aria-busy", String(bench.isLoading));
  at("fill-button").dataset.fill = look.fill;
  at("fill-name").textContent = texts.fills[look.fill];
  at("field").dataset.fill = look.fill;
  if (bench.trouble) announce(sentenceOf(bench.trouble));
  if (isNew) tiles.arrange();
  else tiles.draw();
}

async function next() {
  await bench.next(look.batchSize);
  at("field").scrollTop = 0;
  tiles.focus();
}

async function goOn() {
  if (batch.tiles.length === 0) await next();
  else tiles.focus();
}

async function accept() {
  const { unseen } = batch;
  if (unseen.length && !(await sure(unseen.length))) {
    batch.moveTo(batch.tiles.indexOf(unseen[0]));
    tiles.focus();
    return;
  }
  bench.accept();
  await goOn();
}

/** Nobody accepts by accident what was never on the screen. */
function sure(count) {
  const dialog = at("unseen-dialog");
  dialog.querySelector("p").textContent = say(texts.unseen, { count, all: batch.rest.length });
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "all"), { once: true });
  });
}

function reject() {
  if (!batch.setAside.some(({ mask }) => mask)) announce(texts.nothingAside);
  else
    rejecting.open((given) => {
      bench.reject(given);
      goOn();
    });
}

function open() {
  const tile = batch.focused;
  if (tile) window.open(opens + tile.id, "_blank", "noopener");
}

function takeBack() {
  const record = bench.takeBack();
  const count = record?.tiles.length;
  announce(record ? say(texts.takenBack, { count }) : texts.nothingToTakeBack);
  tiles.focus();
}

function fill() {
  look.nextFill();
  tiles.fill = look.fill;
  show();
}

function resize(step) {
  look.resize(step);
  at("size").value = SIZES.indexOf(look.size);
  tiles.size = look.size;
  tiles.arrange();
  tiles.scrollTo(batch.focus);
}

const actions = {
  accept,
  reject,
  tag: () => tagging.open(batch.chosen),
  assign: () => assigning.open(batch.chosen),
  "next-batch": next,
  restart: () => bench.restart(look.batchSize).then(() => tiles.focus()),
  "take-back": takeBack,
  review: open,
  fill,
  larger: () => resize(1),
  smaller: () => resize(-1),
  help: () => help.open(),
};
const act = (name) => {
  announce("");
  loupe.cancel();
  return actions[name]();
};
const named = Object.keys(actions).map((name) => [name, () => act(name)]);
keymap.listen(Object.fromEntries(named));
keymap.label(document);

document.addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-action]");
  if (pressed) act(pressed.dataset.action);
});
at("size").value = SIZES.indexOf(look.size);
at("size").addEventListener("input", ({ target }) => resize(target.value - SIZES.indexOf(look.size)));
at("batch-size").value = String(look.batchSize);
at("batch-size").addEventListener("change", ({ target }) => {
  look.chooseBatch(Number(target.value));
  act("restart");
});
at("filters").addEventListener("change", () => at("filters").requestSubmit());
at("filters").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target)) tiles.focus();
});

tiles.fill = look.fill;
await next();
