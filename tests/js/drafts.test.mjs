import assert from "node:assert/strict";
import { test } from "node:test";

import { DraftKeeper } from "../../static/js/editor/drafts.js";
import { newestDraft } from "../../static/js/editor/resume.js";
import { Mask } from "../../static/js/editor/mask.js";
import { Later, MemoryStore } from "./fakes.mjs";

function keeper(save) {
  const store = new MemoryStore("specimenId");
  store.get = async (key) => store.values.get(key);
  const later = new Later();
  const states = [];
  const drafts = new DraftKeeper({
    specimenId: 7,
    person: 1,
    parentId: null,
    mask: new Mask(4, 3),
    store,
    save,
    onState: (state) => states.push(state),
    later: later.plan,
  });
  return { drafts, store, later, states };
}

test("a draft goes to the server within three seconds of a pause", async () => {
  let saved = 0;
  const { drafts, store, later, states } = keeper(async () => (saved += 1));
  drafts.changed();
  assert.ok(later.planned[0].pause <= 3000);
  await later.run();
  assert.deepEqual([saved, store.values.size, drafts.isSaved], [1, 0, true]);
  assert.deepEqual(states, ["changed", "saved"]);
});

test("a stroke is in the browser at once", () => {
  const { drafts, store } = keeper(async () => {});
  drafts.changed();
  assert.equal(store.values.size, 1);
});

test("when the network fails the draft stays in the browser and is sent later", async () => {
  const failures = [Object.assign(new Error(), { status: 0 })];
  const { drafts, store, later } = keeper(async () => {
    if (failures.length) throw failures.pop();
  });
  drafts.changed();
  await drafts.flush();
  assert.deepEqual([store.values.size, drafts.isSaved], [1, false]);
  await later.run();
  assert.deepEqual([store.values.size, drafts.isSaved], [0, true]);
});

test("a stroke during the saving is saved too", async () => {
  let finish;
  const { drafts } = keeper(() => new Promise((resolve) => (finish = resolve)));
  drafts.changed();
  const flushing = drafts.flush();
  await new Promise((resolve) => setTimeout(resolve, 1));
  drafts.changed();
  finish();
  await flushing;
  assert.equal(drafts.isSaved, false);
});

const CROP = { width: 4, height: 3 };
const KEPT = { person: 1, width: 4, height: 3, parentId: 5, data: "kept" };
const EARLY = "2026-11-21T14:02:00Z";
const LATE = "2026-11-21T14:05:00Z";

for (const [name, kept, draft, expected] of [
  ["none", undefined, null, undefined],
  ["only the browser's", { ...KEPT, moment: EARLY }, null, EARLY],
  ["only the server's", undefined, { updated_at: LATE }, LATE],
  ["the newer one, kept", { ...KEPT, moment: LATE }, { updated_at: EARLY }, LATE],
  ["the newer one, sent", { ...KEPT, moment: EARLY }, { updated_at: LATE }, LATE],
  ["not that of another person", { ...KEPT, person: 2, moment: LATE }, null, undefined],
  ["not that of another crop", { ...KEPT, width: 9, moment: LATE }, null, undefined],
]) {
  test(`the draft that is offered: ${name}`, async () => {
    const store = { get: async () => kept };
    const found = await newestDraft({ specimen: 7, person: 1, draft, crop: CROP }, store);
    assert.equal(found?.moment ?? undefined, expected);
  });
}
