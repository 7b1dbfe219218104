/** Wiring of the page where a mask is redrawn by hand. */

import { call, formOf, sentenceOf } from "../api.js";
import { Help } from "../help.js";
import { fetchBitmap, maskOf } from "../images.js";
import { listen } from "../keys.js";
import { Banner } from "../outbox/banner.js";
import { Conflict } from "../outbox/conflict.js";
import { Outbox } from "../outbox/outbox.js";
import { maskEntry, send } from "../outbox/sending.js";
import { Store } from "../outbox/store.js";
import { encodeMask } from "../png.js";
import { holdTab } from "../review/look.js";
import { UndoStack } from "../review/undo.js";
import { clock, pageData, say } from "../texts.js";
import { DraftKeeper } from "./drafts.js";
import { Easel } from "./easel.js";
import { Hand } from "./hand.js";
import { History } from "./history.js";
import { Mask } from "./mask.js";
import { newestDraft, offerDraft } from "./resume.js";
import { BrushSize, makeTools } from "./tools/index.js";

const FINER = 0.8;

const data = pageData();
const { texts, crop } = data;
const at = (id) => document.getElementById(id);

const item = { id: data.specimen, key: data.key, parent_id: data.parent_id, crop };
const store = new Store("drafts");
const outbox = new Outbox({ store: new Store("outbox"), send, person: data.person });
const bitmap = await fetchBitmap(crop.full);
const mask = new Mask(crop.width, crop.height);
await begin();

const easel = new Easel(at("easel"), bitmap, mask);
const size = new BrushSize();
const hand = new Hand({
  easel,
  tools: makeTools(mask, size),
  size,
  cursor: at("cursor"),
  onStroke: (rect) => history.record(rect) && changed(),
  onGiveUp: (rect) => {
    history.revert(rect);
    easel.changed(rect);
  },
  onSize: showState,
});
const history = new History(mask);
const drafts = new DraftKeeper({
  specimenId: item.id,
  person: data.person,
  parentId: item.parent_id,
  mask,
  store,
  save: saveDraft,
  onState: (state, error) => {
    const text = texts.drafts[error?.status === 0 ? "offline" : state];
    at("said").textContent = say(text, { sentence: error ? sentenceOf(error) : "" });
  },
});
const conflict = new Conflict(at("conflict"), {
  texts,
  outbox,
  onTheirs: giveUp,
});
const banner = new Banner(at("banner"), { texts, outbox, onCompare: (e) => conflict.open(e) });
const help = new Help(at("help-dialog"));
outbox.onChange = () => {
  banner.show();
  if (outbox.refused.length) at("said").textContent = "";
};
outbox.onAnswer = async (entry, answer) => {
  if (entry.specimenId !== item.id || !entry.file) return;
  const undo = new UndoStack(sessionStorage);
  undo.push(item.id, "accept", [], [entry]);
  undo.answered(entry, answer);
  await drafts.stop();
  location.assign(data.next);
};

/** Take over the draft that the person wants to go on with, or the mask the drawing starts from. */
async function begin() {
  const draft = await newestDraft(data, store);
  if (draft && (await offerDraft(at("resume"), say(texts.draftFrom, { time: clock(draft.moment) })))) {
    item.parent_id = draft.parentId;
    mask.data.set(await draft.load());
  } else if (data.start) {
    mask.data.set(maskOf(await fetchBitmap(data.start), crop.width, crop.height));
  }
}

async function saveDraft({ data: pixels, width, height }) {
  const file = await encodeMask(pixels, width, height);
  const form = formOf({ file, parent_id: item.parent_id });
  await call("PUT", `/specimens/${item.id}/draft`, { form });
}

function changed() {
  drafts.changed();
  showState();
}

function showState() {
  hand.outline();
  at("undo").disabled = !history.canUndo;
  at("redo").disabled = !history.canRedo;
  at("size").textContent = say(texts.size, { size: size.diameter });
  at("strength").textContent = texts.strengths[easel.strength];
  for (const name of ["brush", "eraser"]) {
    at(name).setAttribute("aria-pressed", String(hand.tool === name));
  }
}

function step(rect) {
  if (!rect) return;
  easel.changed(rect);
  changed();
}

function pick(tool) {
  hand.tool = tool;
  showState();
}

function resizeBrush(factor) {
  size.scale(factor);
  showState();
}

async function accept() {
  at("said").textContent = texts.saving;
  const file = await encodeMask(mask.data, mask.width, mask.height);
  await drafts.keep();
  await outbox.drop(item.id);
  outbox.add(maskEntry(item, "hand", file));
}

async function giveUp() {
  await drafts.stop();
  await call("DELETE", `/specimens/${item.id}/draft`);
  location.assign(data.back);
}

async function leave() {
  await drafts.flush();
  location.assign(data.back);
}

function pan(isPanning) {
  hand.isPanning = isPanning;
  at("easel").classList.toggle("panning", isPanning);
}

const actions = {
  accept,
  leave,
  brush: () => pick("brush"),
  eraser: () => pick("eraser"),
  finer: () => resizeBrush(FINER),
  coarser: () => resizeBrush(1 / FINER),
  undo: () => hand.isDrawing || step(history.undo()),
  redo: () => hand.isDrawing || step(history.redo()),
  strength: () => (easel.nextStrength(), showState()),
  fit: () => (easel.view.fit(), easel.draw(), showState()),
  help: () => help.open(),
};
const keys = {
  "Ctrl+Enter": "accept", Escape: "leave", b: "brush", g: "eraser", "[": "finer", "]": "coarser",
  "Ctrl+z": "undo", "Ctrl+Shift+z": "redo", "Ctrl+y": "redo", o: "strength", 0: "fit", "?": "help",
};
const byKey = Object.entries(keys).map(([key, name]) => [key, actions[name]]);
listen({ ...Object.fromEntries(byKey), " ": () => pan(true) });
document.addEventListener("keyup", (event) => event.key === " " && pan(false));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  if (!button) return;
  actions[button.dataset.action]();
  if (event.detail > 0 && !document.querySelector("dialog[open]")) at("easel").focus();
});
holdTab(at("easel"), (isHeld) => {
  easel.isOriginal = isHeld;
  easel.draw();
});

addEventListener("pagehide", () => drafts.isSaved || drafts.keep());
document.addEventListener("visibilitychange", () => document.hidden && drafts.flush());
for (const wake of ["online", "focus"]) addEventListener(wake, () => outbox.retry());
addEventListener("beforeunload", (event) => outbox.isUnsafe && event.preventDefault());

showState();
at("wait").hidden = true;
at("easel").focus();
await outbox.open();
