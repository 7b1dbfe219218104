import assert from "node:assert/strict";
import { test } from "node:test";

import { Batch } from "../../static/js/grid/batch.js";
import { Bench } from "../../static/js/grid/bench.js";
import { BatchUndo, batchEntry, retraction } from "../../static/js/grid/deciding.js";
import { Source } from "../../static/js/grid/source.js";
import { Layout } from "../../static/js/grid/window.js";
import { MemoryStorage } from "./fakes.mjs";

function tile(id, more = {}) {
  return {
    id, key: `蛾${id}`, crop: "c", mask: "m", candidate: 10 * id, version: null, parent: null,
    rank: 1 / id, tags: [], ...more,
  };
}

const ids = (tiles) => tiles.map(({ id }) => id);
const numbers = (count) => Array.from({ length: count }, (_, i) => tile(i + 1));

function batchOf(count) {
  const batch = new Batch();
  batch.fill(numbers(count));
  return batch;
}

test("tiles fill their rows, and the last row may be short", () => {
  const layout = new Layout({ count: 23, width: 1000, tile: 180 });
  assert.equal(layout.columns, 5);
  assert.equal(layout.rows, 5);
  assert.equal(layout.tileWidth, Math.floor((1000 - 4 * 8) / 5));
  assert.deepEqual(layout.place(0), { x: 0, y: 0 });
  assert.deepEqual(layout.place(7), { x: 2 * (layout.tileWidth + 8), y: layout.rowHeight });
  assert.equal(layout.height, 5 * layout.rowHeight - 8);
});

test("only tiles in sight and some rows more are in range, whatever the number of tiles", () => {
  const layout = new Layout({ count: 5000, width: 1000, tile: 180 });
  const top = 400 * layout.rowHeight + 10;
  assert.deepEqual(layout.range(top, 3 * layout.rowHeight), { first: 2000, last: 2020 });
  assert.deepEqual(layout.range(top, 3 * layout.rowHeight, 2), { first: 1990, last: 2030 });
  assert.deepEqual(layout.range(0, 100, 2), { first: 0, last: 15 });
  assert.deepEqual(layout.range(layout.height, 500, 2).last, 5000);
});

test("a narrow field has one column, an empty one no rows", () => {
  assert.equal(new Layout({ count: 3, width: 90, tile: 180 }).columns, 1);
  const empty = new Layout({ count: 0, width: 900, tile: 180 });
  assert.deepEqual(empty.range(0, 500, 2), { first: 0, last: 0 });
  assert.equal(empty.height, 0);
});

for (const [key, from, to] of [
  ["ArrowLeft", 0, 0],
  ["ArrowRight", 4, 5],
  ["ArrowDown", 3, 8],
  ["ArrowDown", 21, 21],
  ["ArrowUp", 3, 3],
  ["Home", 17, 0],
  ["End", 2, 22],
  ["PageDown", 1, 11],
  ["PageDown", 20, 22],
]) {
  test(`${key} leads from ${from} to ${to}`, () => {
    const layout = new Layout({ count: 23, width: 1000, tile: 180 });
    assert.equal(layout.next(from, key, 2 * layout.rowHeight + 5), to);
  });
}

test("scrolling brings a tile wholly into sight and no further", () => {
  const layout = new Layout({ count: 100, width: 1000, tile: 180 });
  const { rowHeight, tileHeight } = layout;
  assert.equal(layout.scrollFor(0, 500, 300), 0);
  assert.equal(layout.scrollFor(5, 0, 4 * rowHeight), 0);
  assert.equal(layout.scrollFor(25, 0, 2 * rowHeight), 5 * rowHeight + tileHeight - 2 * rowHeight);
});

test("the rest is everything in the batch that is not set aside and has a mask", () => {
  const batch = batchOf(5);
  batch.tiles[4].mask = null;
  batch.toggle(1);
  batch.toggle(2);
  batch.toggle(2);
  assert.deepEqual(ids(batch.rest), [1, 3, 4]);
  assert.deepEqual(ids(batch.setAside), [2]);
});

test("where none is set aside, all are meant", () => {
  const batch = batchOf(3);
  assert.deepEqual(ids(batch.chosen), [1, 2, 3]);
  batch.toggle(1);
  assert.deepEqual(ids(batch.chosen), [2]);
});

test("a range becomes what its first tile is", () => {
  const batch = batchOf(9);
  batch.toggle(2);
  batch.lookAt(5); // the mouse button gives the focus before it is let go
  batch.extend(5);
  assert.deepEqual(ids(batch.setAside), [3, 4, 5, 6]);
  batch.toggle(4);
  batch.extend(2);
  assert.deepEqual(ids(batch.setAside), [6]);
  assert.equal(batch.focus, 2);
});

test("Shift and arrows set aside from where the focus was", () => {
  const batch = batchOf(9);
  batch.moveTo(3);
  batch.moveTo(4, { extending: true });
  batch.moveTo(6, { extending: true });
  assert.deepEqual(ids(batch.setAside), [4, 5, 6, 7]);
});

test("what was never in sight is known", () => {
  const batch = batchOf(10);
  batch.see(0, 4);
  batch.toggle(8);
  assert.deepEqual(ids(batch.unseen), [5, 6, 7, 8, 10]);
  batch.see(4, 10);
  assert.deepEqual(batch.unseen, []);
});

test("decided specimens leave, and the focus goes to what comes after", () => {
  const batch = batchOf(6);
  batch.toggle(3);
  batch.toggle(1);
  batch.remove([1, 2, 3]);
  assert.deepEqual(ids(batch.tiles), [4, 5, 6]);
  assert.equal(batch.focused.id, 4);
  assert.deepEqual(ids(batch.setAside), [4]);
  batch.remove([4, 5, 6]);
  assert.equal(batch.focused, null);
});

test("taken back ones come first, once each", () => {
  const batch = batchOf(3);
  batch.putBack([tile(8), tile(2)], { aside: true });
  assert.deepEqual(ids(batch.tiles), [8, 1, 2, 3]);
  assert.deepEqual(ids(batch.setAside), [8]);
});

/** Pages of so many tiles, as the server gives them. */
function pages(count) {
  const all = numbers(count);
  const asked = [];
  const load = async ({ limit, after_id = 0 }) => {
    asked.push(limit);
    return { tiles: all.slice(after_id, after_id + limit), total: after_id ? null : count };
  };
  return { load, asked };
}

test("batches follow each other without gap or overlap, and end", async () => {
  const source = new Source(pages(7).load);
  assert.deepEqual(ids(await source.next(3)), [1, 2, 3]);
  assert.deepEqual(ids(await source.peek(3)), [4, 5, 6]);
  assert.deepEqual(ids(await source.next(3)), [4, 5, 6]);
  assert.deepEqual(ids(await source.next(3)), [7]);
  assert.deepEqual(await source.next(3), []);
  assert.equal(source.total, 7);
  source.restart();
  assert.deepEqual(ids(await source.next(2)), [1, 2]);
});

test("a large batch is asked for in pages", async () => {
  const { load, asked } = pages(2500);
  assert.equal((await new Source(load).next(5000)).length, 2500);
  assert.deepEqual(asked, [1000, 1000, 1000]);
});

test("a batch is one entry, and its retraction names each decision of it", () => {
  const tiles = [tile(1), tile(2, { candidate: null, version: 7, parent: 7 })];
  const entry = batchEntry(tiles, "Batch of 2", { decision: "reject", reasons: ["hole"] });
  const [first, second] = entry.fields.items;
  assert.deepEqual([entry.path, entry.specimenIds], ["/reviews", [1, 2]]);
  assert.deepEqual([first.candidate_id, first.version_id, first.parent_id], [10, null, null]);
  assert.deepEqual([second.candidate_id, second.version_id, second.parent_id], [null, 7, 7]);
  const back = retraction({ id: entry.id, tiles, restores: null }, "Batch of 2");
  assert.deepEqual(
    back.fields.items.map(({ retracts }) => retracts),
    [first.decision_id, second.decision_id],
  );
  assert.equal(back.retracts, entry.id);
  assert.ok(back.fields.items.every((item) => item.decision_id.length <= 64));
});

/** Refuses those that it is told are stale, as the server does: all or nothing. */
class FakeOutbox {
  added = [];
  refused = [];
  recorded = [];
  unsent = [];

  constructor(stale = []) {
    this.stale = new Set(stale);
  }

  async add(entry) {
    this.added.push(entry);
    const stale = entry.specimenIds.filter((id) => this.stale.has(id));
    if (!stale.length) {
      this.recorded.push(...entry.specimenIds);
      return { answer: {} };
    }
    entry.refusal = { status: 409, stale: stale.map((id) => ({ specimen_id: id })) };
    this.refused.push(entry);
    return { refusal: entry.refusal };
  }

  async sendOthers(entry) {
    this.recorded.push(...entry.specimenIds.filter((id) => !this.stale.has(id)));
  }

  async dismiss(entry) {
    this.refused = this.refused.filter((each) => each !== entry);
  }
}

async function benchWith(outbox, count = 6) {
  const said = [];
  const bench = new Bench({
    batch: new Batch(),
    source: new Source(pages(count).load),
    outbox,
    undo: new BatchUndo(new MemoryStorage()),
    texts: {
      accept: "{count} accepted", acceptedSome: "{count} accepted, some left", reject: "{count} rejected", batch: "{count}",
      stale: "{count} stale, {others} recorded",
    },
    onChange: () => {},
    onSay: (text) => said.push(text),
  });
  await bench.next(4);
  return { bench, said };
}

test("the rest is accepted as one entry, those set aside stay", async () => {
  const outbox = new FakeOutbox();
  const { bench, said } = await benchWith(outbox);
  bench.batch.toggle(1);
  await bench.accept();
  assert.equal(outbox.added.length, 1);
  assert.deepEqual(outbox.recorded, [1, 3, 4]);
  assert.deepEqual(ids(bench.batch.tiles), [2]);
  assert.deepEqual(said, ["3 accepted, some left"]);
  await bench.reject({ reasons: ["hole"], note: "" });
  assert.deepEqual(outbox.added[1].fields.reasons, ["hole"]);
  assert.deepEqual(bench.batch.tiles, []);
});

test("a batch is taken back as one, also before its answer has come", async () => {
  const outbox = new FakeOutbox();
  const { bench } = await benchWith(outbox);
  bench.accept();
  const record = bench.takeBack();
  assert.equal(record.tiles.length, 4);
  assert.deepEqual(ids(bench.batch.tiles), [1, 2, 3, 4]);
  assert.equal(outbox.added[1].fields.decision, "retract");
  assert.equal(bench.takeBack(), null);
});

test("those that moved on are left out, and the others are recorded", async () => {
  const outbox = new FakeOutbox([2]);
  const { bench, said } = await benchWith(outbox);
  await bench.accept();
  assert.deepEqual(outbox.recorded, [1, 3, 4]);
  assert.equal(said.at(-1), "1 stale, 3 recorded");
  assert.deepEqual(ids(bench.undo.pop().tiles), [1, 3, 4]);
});

test("a batch that was taken back before it was refused is not sent again", async () => {
  const outbox = new FakeOutbox([2]);
  const { bench } = await benchWith(outbox);
  const accepting = bench.accept();
  outbox.stale.clear();
  bench.takeBack();
  await accepting;
  assert.deepEqual(outbox.refused, []);
  assert.deepEqual(outbox.recorded.filter((id) => id === 2).length, 1); // the retraction's
});

test("specimens that cannot be taken back leave the batch again", async () => {
  const outbox = new FakeOutbox();
  const { bench } = await benchWith(outbox);
  await bench.accept();
  outbox.stale.add(3);
  bench.takeBack();
  assert.deepEqual(ids(bench.batch.tiles), [1, 2, 3, 4]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(ids(bench.batch.tiles), [1, 2, 4]);
});

test("what is decided and on its way is not offered again", async () => {
  const outbox = new FakeOutbox();
  const { bench } = await benchWith(outbox);
  outbox.unsent = [1, 3];
  await bench.restart(4);
  assert.deepEqual(ids(bench.batch.tiles), [2, 4]);
});

test("a storage that is full loses the undo of a later visit, nothing else", () => {
  const storage = new MemoryStorage();
  storage.removeItem = () => {};
  storage.setItem = () => {
    throw new Error("quota");
  };
  const undo = new BatchUndo(storage);
  undo.push({ id: "a" }, "accept", [tile(1)]);
  assert.equal(undo.pop().id, "a");
});
