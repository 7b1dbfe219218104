/** Wiring of the page where a mask is drawn by hand. */

import { Help } from "../help.js";
import { Keymap } from "../keymap.js";
import { listen } from "../keys.js";
import { Lease, showOthers } from "../lease.js";
import { Banner } from "../outbox/banner.js";
import { Conflict } from "../outbox/conflict.js";
import { holdDraft } from "../outbox/drafts.js";
import { Outbox } from "../outbox/outbox.js";
import { send } from "../outbox/sending.js";
import { Store } from "../outbox/store.js";
import { holdTab } from "../review/look.js";
import { pageData } from "../texts.js";
import { DraftKeeper } from "./drafts.js";
import { fillOthers, showVersion } from "./filling.js";
import { whole } from "./rect.js";
import { Saving } from "./saving.js";
import { Start } from "./start.js";
import { Studio } from "./studio.js";

const FINER = 0.8;
const CLOSER = 1.25;
const STEP = 1 / 8;

const data = pageData();
const { texts, crop } = data;
const at = (id) => document.getElementById(id);
const announce = (text) => (at("said").textContent = text);

const [store, kept] = [new Store("drafts"), new Store("outbox")];
holdDraft(data.specimen);
new Lease({ onOthers: (names) => showOthers(at("looking"), names) }).hold(data.specimen);
const start = new Start({ data, drafts: store, outbox: kept, dialog: at("resume"), wait: at("wait") });
await start.load();

const item = { id: data.specimen, key: data.key, parent_id: start.parentId, crop };
const outbox = new Outbox({ store: kept, send, person: data.person });
const studio = new Studio({ at, data, start, announce, onChange: changed });
const { easel, hand, mask, work, toolbox, views } = studio;
const drafts = new DraftKeeper({
  specimenId: item.id,
  person: data.person,
  parentId: item.parent_id,
  cropId: crop.id,
  mask,
  store,
  save: (parentId) => saving.saveDraft(parentId),
  onState: (state, error) => saving.tell(state, error),
});
const onMerge = (version) => showVersion(studio.others, version, mask, start.bitmap);
const onLate = (id) => conflict.open(outbox.refused.find((each) => each.id === id));
const saving = new Saving({ data, item, mask, drafts, outbox, announce, onMerge, onLate });
const conflict = new Conflict(at("conflict"), {
  texts,
  outbox,
  onTheirs: () => saving.takeTheirs(),
  onMerge: (entry) => saving.merge(entry),
});
const banner = new Banner(at("banner"), { outbox, onCompare: (each) => conflict.open(each) });
const help = new Help(at("help-dialog"));
const keymap = new Keymap("editor");
outbox.onChange = () => {
  banner.show();
  if (outbox.refused.length) announce("");
};

function changed(rect) {
  drafts.changed(rect);
  showSteps();
}

function showSteps() {
  at("undo").disabled = !work.history.canUndo;
  at("redo").disabled = !work.history.canRedo;
}

function accept() {
  if (studio.isOpen) announce(texts.openShape);
  else if (!hand.isDrawing && !hand.isLocked) saving.accept();
}

function leave() {
  if (studio.isOpen) studio.cancel();
  else saving.leave();
}

const picking = Object.keys(studio.tools).map((name) => [name, () => studio.pick(name)]);
const actions = {
  ...Object.fromEntries(picking),
  accept,
  leave,
  finer: () => toolbox.scale(FINER),
  coarser: () => toolbox.scale(1 / FINER),
  undo: () => (studio.undo(), showSteps()),
  redo: () => (studio.redo(), showSteps()),
  smooth: () => studio.run("smooth", toolbox.reach("smooth-px")),
  grow: () => studio.run("grow", toolbox.reach("grow-px")),
  shrink: () => studio.run("shrink", toolbox.reach("grow-px")),
  largest: () => studio.run("keepLargest"),
  holes: () => studio.run("fillHoles"),
  "mirror-left": () => studio.mirror("left"),
  "mirror-right": () => studio.mirror("right"),
  "find-axis": () => studio.cancel(),
  "close-shape": () => studio.finish(),
  "back-point": () => studio.back(),
  "drop-shape": () => studio.cancel(),
  view: () => views.next(),
  closer: () => views.closer(CLOSER),
  farther: () => views.closer(1 / CLOSER),
  fit: () => views.fit(),
  help: () => help.open(),
};
const onPicture = {
  " ": () => studio.pan(true),
  Enter: () => studio.finish(),
  Backspace: () => studio.back(),
  ArrowLeft: () => views.move(STEP, 0),
  ArrowRight: () => views.move(-STEP, 0),
  ArrowUp: () => views.move(0, STEP),
  ArrowDown: () => views.move(0, -STEP),
};
keymap.listen(actions);
listen(onPicture, { target: at("easel") }); // buttons and sliders need these keys themselves
keymap.label(document);
document.addEventListener("keyup", (event) => event.key === " " && studio.pan(false));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  if (button) actions[button.dataset.action]();
  // A mouse click gives the keys back to the picture; whoever came by keyboard stays where they are.
  const isOurs = event.target.closest(".editor, .options button, .bar button");
  if (event.target.closest("input, label, select")) return;
  if (isOurs && event.detail > 0 && !document.querySelector("dialog[open]")) at("easel").focus();
});
holdTab(at("easel"), (isHeld) => {
  easel.isOriginal = isHeld;
  easel.draw();
});

addEventListener("pagehide", () => drafts.keep());
document.addEventListener("visibilitychange", () => document.hidden && drafts.flush());
for (const wake of ["online", "focus"]) {
  addEventListener(wake, () => {
    outbox.retry();
    if (!drafts.isSaved) drafts.flush();
  });
}
addEventListener("beforeunload", (event) => {
  if (outbox.isUnsafe || drafts.isUnsafe) event.preventDefault();
});

fillOthers(studio.others, { data, start, mask });
showSteps();
announce(start.said);
if (start.isUnsent) drafts.changed(whole(mask)); // before anything can be saved
at("wait").hidden = true;
at("easel").focus();
studio.makeReady();
await outbox.open();
if (start.entry) await drafts.flush().then(() => outbox.drop(item.id));
