/** Wiring of the review page: who hears whom. */

import { call, sentenceOf } from "../api.js";
import { Help } from "../help.js";
import { Keymap, shown } from "../keymap.js";
import { Lease, showOthers } from "../lease.js";
import { Banner } from "../outbox/banner.js";
import { Conflict } from "../outbox/conflict.js";
import { sendDrafts } from "../outbox/drafts.js";
import { Outbox } from "../outbox/outbox.js";
import { maskEntry, send } from "../outbox/sending.js";
import { Store } from "../outbox/store.js";
import { prefer, preferences } from "../preferences.js";
import { TagDialog } from "../tags.js";
import { pageData, say } from "../texts.js";
import { Column } from "./column.js";
import { Desk } from "./desk.js";
import { Line } from "./line.js";
import { Look, holdFinger, holdTab } from "./look.js";
import { Pictures } from "./pictures.js";
import { Reasons } from "./reasons.js";
import { Session } from "./session.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";
import { UndoStack } from "./undo.js";
import { Upload } from "./upload.js";

const POLL = 5000;

const data = pageData();
const { texts, show, assignment, stratum } = data;
const at = (id) => document.getElementById(id);

const outbox = new Outbox({ store: new Store("outbox"), send, person: data.person });
const line = new Line({
  loadQueue: (limit, exclude) =>
    call("POST", "/review-queue", { json: { limit, exclude, show, assignment, stratum } }),
  loadItem: (id) => call("GET", `/specimens/${id}/review-item`),
  unsent: () => outbox.unsent,
  onChange: () => showAll(),
});
const undo = new UndoStack(sessionStorage);
const session = new Session({ line, outbox, undo, onChange: () => showAll() });
const lease = new Lease({ onOthers: (names) => showOthers(at("others"), names) });
const pictures = new Pictures();
const stage = new Stage(at("stage"), { onZoom: () => desk.sharpen() });
const look = new Look({
  fill: preferences().fill,
  keep: (fill) => prefer("fill", fill).catch(() => {}), // it is set for this page all the same
  onChange: () => desk.show(),
});
const keymap = new Keymap("review");
const column = new Column(at("column"), {
  texts,
  pictures,
  versionKey: shown(keymap.keysOf("version")[0] ?? ""),
  onChoose: (place) => session.choose(place),
});
const strip = new Strip(at("strip"), texts);
const parts = {
  empty: at("empty"),
  work: at("work"),
  wait: at("wait"),
  decisions: at("decisions"),
  fill: at("fill-button"),
  fills: at("fill-menu").querySelectorAll("[data-fill]"),
  fillName: at("fill-name"),
  maskButton: at("mask-button"),
};
const compares = show === "second";
const desk = new Desk({ line, pictures, stage, look, strip, column, parts, texts, compares });
const conflict = new Conflict(at("conflict"), {
  texts,
  outbox,
  onTheirs: (id) => line.reload(id),
  onMerge: ({ id, specimenId }) =>
    location.assign(`/specimens/${specimenId}/drawing?merge=${id}&show=${show}`),
});
const banner = new Banner(at("banner"), { outbox, onCompare: (entry) => conflict.open(entry) });
const rejecting = new Reasons(at("reject-dialog"));
const dismissing = new Reasons(at("unusable-dialog"));
const help = new Help(at("help-dialog"));
const tags = new TagDialog(at("tag-dialog"), { outbox, onChange: showAll });
const upload = new Upload({ input: at("upload-file"), target: at("stage"), onFile: takeFile });
outbox.onChange = () => banner.show(line.trouble);

function showAll() {
  desk.show();
  lease.hold(
    session.current?.item.id ?? null,
    line.ahead.map(({ item }) => item.id),
  );
  banner.show(line.trouble);
}

function wake() {
  outbox.retry();
  sendDrafts(new Store("drafts"), data.person);
  line.fill();
}

function announce(text) {
  at("said").textContent = text;
}

async function takeFile(file) {
  const sight = session.current;
  if (!sight) return;
  announce(texts.uploading);
  await outbox.drop(sight.item.id);
  const { answer } = await outbox.add(maskEntry(sight.item, "upload", file));
  if (!answer) announce(""); // the banner says why
  else announce(say(texts.uploaded, { number: answer.number, kind: texts.kinds[answer.kind] }));
}

async function takeBack() {
  const record = await session.takeBack();
  announce(record ? say(texts.takenBack[record.outcome]) : texts.nothingToTakeBack);
}

function redraw() {
  const sight = session.current;
  if (!sight) return;
  if (!navigator.onLine || outbox.trouble?.status === 0) {
    announce(texts.editorAway); // rather than the browser's own page of an error
    return;
  }
  const { kind, id } = sight.mask ?? {};
  const start = kind ? `&${kind}=${id}` : "";
  location.assign(`/specimens/${sight.item.id}/drawing?show=${show}${start}`);
}

const actions = {
  accept: () => session.accept(),
  reject: () => session.current?.open.length && rejecting.open((given) => session.reject(given)),
  redraw,
  upload: () => session.current && upload.pick(),
  skip: () => session.skip(),
  unusable: () => session.current && dismissing.open((given) => session.unusable(given)),
  tag: () => session.current && tags.open([session.current.item]),
  "take-back": takeBack,
  previous: () => line.previous(),
  next: () => line.next(),
  fill: () => look.nextFill(),
  mask: () => look.toggleMask(),
  fit: () => stage.fit(),
  version: () => session.chooseVersion(),
  help: () => help.open(),
  "look-again": () => line.lookAgain(),
};

function act(name) {
  announce("");
  actions[name]();
}

const byKey = Object.fromEntries(Object.keys(actions).map((name) => [name, () => act(name)]));
const fixed = { Escape: () => at("stage").blur() };
for (let place = 0; place < 9; place += 1) fixed[place + 1] = () => session.choose(place);
keymap.listen(byKey, { fixed });
keymap.label(document);
holdTab(at("stage"), (isHeld) => look.hold(isHeld));
holdFinger(at("original-button"), (isHeld) => look.hold(isHeld));

at("fill-menu").addEventListener("click", ({ target }) => {
  const { fill } = target.closest("[data-fill]")?.dataset ?? {};
  if (!fill) return;
  look.choose(fill);
  at("fill-menu").open = false;
  at("stage").focus();
});

document.addEventListener("click", (event) => {
  if (!at("fill-menu").contains(event.target)) at("fill-menu").open = false;
  const button = event.target.closest("[data-action]");
  if (!button) return;
  act(button.dataset.action);
  // A mouse click gives the keys back to the picture; whoever came by keyboard stays where they are.
  if (event.detail > 0 && !document.querySelector("dialog[open]")) at("stage").focus();
});
for (const name of ["online", "focus"]) addEventListener(name, wake);
addEventListener("beforeunload", (event) => outbox.isUnsafe && event.preventDefault());
setInterval(() => !document.hidden && line.fill(), POLL);

at("stage").focus();
await outbox.open();
sendDrafts(new Store("drafts"), data.person);
try {
  await line.start(data.specimen);
} catch (error) {
  if (error.status === undefined) throw error;
  announce(sentenceOf(error));
  await line.fill();
}
