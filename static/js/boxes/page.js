/** Wiring of the page on which boxes are checked: who hears whom. */

import { call, sentenceOf } from "../api.js";
import { Help } from "../help.js";
import { Keymap } from "../keymap.js";
import { outbox } from "../outbox/leftovers.js";
import { pageData, say } from "../texts.js";
import { turned } from "./box.js";
import { CutDialog } from "./cutting.js";
import { Desk } from "./desk.js";
import { Easel } from "./easel.js";
import { Line } from "./line.js";
import { Side } from "./side.js";
import { describe } from "./strip.js";

const { specimen, look, source, texts } = pageData();
const at = (id) => document.getElementById(id);
const DEGREE = 1;

const line = new Line({
  load: (query) => call("GET", `/box-queue?${new URLSearchParams({ look, source, ...query })}`),
  loadOne: (id) => call("GET", `/specimens/${id}/box`),
  warm: (url) => Object.assign(new Image(), { src: url }),
});
const desk = new Desk({ outbox, renew });
const easel = new Easel(at("photo"), {
  onBox: draw,
  onBeside: add,
  onOpen: (id) => go(() => line.goTo(id)),
});
const side = new Side(at("side"), { texts, onBox: draw });
const help = new Help(at("help-dialog"));
const keymap = new Keymap("boxes");
const cut = new CutDialog(at("cut-dialog"), texts);

function tell(text = "") {
  at("said").textContent = text;
}

async function renew(id) {
  await line.renew(id);
  if (line.current?.id !== id) return;
  desk.reset();
  show();
}

function draw(box) {
  desk.box = box;
  show();
}

async function add(box) {
  const { answer } = await desk.add(box);
  if (answer) tell(say(texts.added, { key: answer.key }));
}

/** Go somewhere in the line; what could not be fetched is told. */
async function go(step) {
  try {
    await step();
    tell();
  } catch (error) {
    tell(sentenceOf(error));
  }
  show();
}

function show() {
  const item = line.current;
  at("work").hidden = !item;
  at("empty").hidden = Boolean(item) || line.waiting === null;
  at("strip").hidden = !item;
  at("decisions").disabled = !item;
  if (!item) return;
  desk.open(item);
  easel.show(item, desk.box);
  side.show(item, desk.box);
  describe(item, line.waiting, texts);
  at("photo").classList.toggle("drawing", Boolean(easel.mode));
  at("confirm-text").textContent = desk.isChanged ? texts.take : texts.right;
  at("confirm-text").parentElement.disabled = !desk.box;
}

async function confirm() {
  if (!line.current) return;
  if (!desk.box) {
    tell(texts.drawFirst);
    return;
  }
  try {
    if (desk.isChanged && !(await cut.mayCut(line.current, desk.box))) return;
  } catch (error) {
    tell(sentenceOf(error));
    return;
  }
  await done(desk.confirm());
}

async function done(sent) {
  const isNew = !line.current.checked && !line.current.counted;
  if (isNew && line.waiting > 0) line.waiting -= 1;
  line.current.counted = true;
  sent.then(show);
  await go(() => line.next());
}

async function undo() {
  const undone = desk.undo();
  if (!undone) {
    tell(texts.nothingToUndo);
    return;
  }
  await go(() => line.goTo(undone.specimenId));
  desk.reset();
  tell(texts.undone);
  await undone.done;
}

function ask(mode) {
  if (!line.current) return;
  easel.mode = easel.mode === mode ? null : mode;
  show();
  tell(easel.mode ? texts.drawing[mode] : "");
}

function turn(step) {
  if (desk.box) draw(turned(desk.box, desk.box.angle + step, line.current));
}

function leave() {
  easel.mode = null;
  desk.reset();
  tell();
  show();
}

const actions = {
  accept: confirm,
  draw: () => ask("box"),
  beside: () => ask("beside"),
  nothing: () => line.current && done(desk.nothing()),
  "turn-left": () => turn(-DEGREE),
  "turn-right": () => turn(DEGREE),
  reset: leave,
  "take-back": undo,
  previous: () => go(() => line.previous()),
  next: () => line.current && go(() => line.next()),
  fit: () => line.current && easel.fit(),
  help: () => help.open(),
};
keymap.listen(actions, {
  fixed: {
    // On a button or a link, Enter is that button's.
    Enter: ({ target }) => {
      const own = target.closest?.("button, a");
      if (own) own.click();
      else confirm();
    },
  },
});
keymap.label(document);
document.addEventListener("click", ({ target }) => {
  const { action } = target.closest("[data-action]")?.dataset ?? {};
  if (action) actions[action]();
});

go(() => line.begin(specimen));
