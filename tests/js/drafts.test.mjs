import assert from "node:assert/strict";
import { test } from "node:test";

import { pack, packed, pixelsOfDraft, unpacked } from "../../static/js/editor/bits.js";
import { DraftKeeper } from "../../static/js/editor/drafts.js";
import { earlierDraft, findDrafts } from "../../static/js/editor/resume.js";
import { Mask } from "../../static/js/editor/mask.js";
import { Later, MemoryStore, settled } from "./fakes.mjs";

const ALL = { left: 0, top: 0, right: 4, bottom: 3 };

function keeper(save) {
  const store = new MemoryStore("specimenId");
  const later = new Later();
  const states = [];
  const mask = new Mask(4, 3);
  const drafts = new DraftKeeper({
    specimenId: 7,
    person: 1,
    parentId: null,
    mask,
    store,
    save,
    onState: (state) => states.push(state),
    later: later.plan,
  });
  return { drafts, store, later, states, mask };
}

test("a draft goes to the server within three seconds of a pause", async () => {
  let saved = 0;
  const { drafts, store, later, states } = keeper(async () => (saved += 1));
  drafts.changed(ALL);
  assert.ok(later.planned[0].pause <= 3000);
  await later.run();
  assert.deepEqual([saved, store.values.size, drafts.isSaved], [1, 0, true]);
  assert.deepEqual(states, ["changed", "saved"]);
});

test("a stroke is in the browser at once, as small as it can be", () => {
  const { drafts, store, mask } = keeper(async () => {});
  mask.data.set([255, 0, 255], 4);
  drafts.changed(ALL);
  const { bits, width, height, parentId } = store.values.get(7);
  assert.deepEqual([bits.length, width, height, parentId], [3, 4, 3, null]);
  assert.deepEqual(pixelsOfDraft(store.values.get(7)), Uint8Array.from([0, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0, 0]));
});

test("while one copy is written, later strokes wait, and only the newest is written", async () => {
  const { drafts, store, mask } = keeper(async () => {});
  const put = store.put.bind(store);
  let [written, release] = [0, null];
  store.put = async (value) => {
    written += 1;
    await new Promise((resolve) => (release = resolve));
    await put(value);
  };
  for (let at = 0; at < 5; at += 1) {
    mask.data[at] = 255;
    drafts.changed(ALL);
  }
  release();
  await settled();
  assert.equal(drafts.isUnsafe, true);
  release();
  await drafts.keep();
  assert.deepEqual([written, drafts.isUnsafe], [2, false]);
  assert.equal(pixelsOfDraft(store.values.get(7))[4], 255);
});

test("when the network fails the draft stays in the browser and is sent later", async () => {
  const failures = [Object.assign(new Error(), { status: 0 })];
  const { drafts, store, later, states } = keeper(async () => {
    if (failures.length) throw failures.pop();
  });
  drafts.changed(ALL);
  await drafts.flush();
  assert.deepEqual([store.values.size, drafts.isSaved, drafts.isOffline], [1, false, true]);
  await later.run();
  assert.deepEqual([store.values.size, drafts.isSaved, drafts.isOffline], [0, true, false]);
  assert.deepEqual(states, ["changed", "kept", "saved"]);
});

test("a browser that keeps nothing makes leaving unsafe until the server has the draft", async () => {
  const failures = [Object.assign(new Error(), { status: 503 })];
  const { drafts, store, states } = keeper(async () => {
    if (failures.length) throw failures.pop();
  });
  store.put = async () => {
    throw new Error("full");
  };
  drafts.changed(ALL);
  await drafts.flush();
  assert.deepEqual([drafts.isUnsafe, states.at(-1)], [true, "unsafe"]);
  await drafts.flush();
  assert.equal(drafts.isUnsafe, false);
});

test("a stroke during the saving is saved too", async () => {
  let finish;
  const { drafts } = keeper(() => new Promise((resolve) => (finish = resolve)));
  drafts.changed(ALL);
  const flushing = drafts.flush();
  await settled();
  drafts.changed(ALL);
  finish();
  await flushing;
  assert.equal(drafts.isSaved, false);
});

test("on another label version the draft is sent anew, if there is one", async () => {
  const parents = [];
  const { drafts, later } = keeper(async (parentId) => parents.push(parentId));
  drafts.rebase(5);
  assert.equal(drafts.isSaved, true);
  drafts.changed(ALL);
  await later.run();
  drafts.rebase(6);
  await later.run();
  assert.deepEqual(parents, [5, 6]);
});

const CROP = { id: 2, width: 4, height: 3 };
const KEPT = { width: 4, height: 3, parentId: 5, bits: packed(new Mask(4, 3)) };
const EARLY = "2026-11-21T14:02:00Z";
const LATE = "2026-11-21T14:05:00Z";

for (const [name, kept, draft, expected] of [
  ["none", undefined, null, []],
  ["only the browser's", { ...KEPT, moment: EARLY }, null, [EARLY]],
  ["only the server's", undefined, { updated_at: LATE }, [LATE]],
  ["first the newer one, kept", { ...KEPT, moment: LATE }, { updated_at: EARLY }, [LATE, EARLY]],
  ["first the newer one, sent", { ...KEPT, moment: EARLY }, { updated_at: LATE }, [LATE, EARLY]],
  ["not that of another crop", { ...KEPT, width: 9, moment: LATE }, null, []],
  ["not that of a crop as large", { ...KEPT, cropId: 1, moment: LATE }, null, []],
  ["that of this crop", { ...KEPT, cropId: 2, moment: LATE }, null, [LATE]],
]) {
  test(`the drafts that are offered: ${name}`, async () => {
    const store = { get: async () => kept };
    const found = await findDrafts({ specimen: 7, draft, crop: CROP }, store);
    assert.deepEqual(found.map(({ moment }) => moment), expected);
  });
}

test("work on an earlier crop is the server's to lay onto this one", async () => {
  for (const [cropId, expected] of [[1, 1], [2, undefined], [undefined, undefined]]) {
    const store = { get: async () => ({ ...KEPT, cropId }) };
    assert.equal((await earlierDraft({ specimen: 7, crop: CROP }, store))?.cropId, expected);
  }
});

for (const width of [1, 7, 8, 9, 64]) {
  test(`bits keep every pixel of a mask ${width} wide`, () => {
    const mask = new Mask(width, 5);
    const bits = packed(mask);
    for (let at = 0; at < mask.data.length; at += 1) mask.data[at] = (at * 7) % 3 ? 255 : 0;
    pack(mask, bits, { left: 0, top: 1, right: width, bottom: 4 });
    const rest = mask.data.slice().fill(0, 0, width).fill(0, 4 * width);
    assert.deepEqual(unpacked(bits, width, 5), rest);
  });
}
