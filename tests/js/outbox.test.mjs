import assert from "node:assert/strict";
import { test } from "node:test";

import { isPassing, labelAfter } from "../../static/js/outbox/entries.js";
import { Outbox } from "../../static/js/outbox/outbox.js";
import { Later, MemoryStore, Server, settled } from "./fakes.mjs";

function outboxWith(server, store = new MemoryStore(), alone = (act) => act()) {
  const later = new Later();
  const outbox = new Outbox({ store, send: server.send, person: 1, alone, later: later.plan });
  return { outbox, store, later };
}

function entry(id, fields = { decision: "accept" }, more = {}) {
  return { id, specimenId: 7, key: "X", fields: { parent_id: null, ...fields }, ...more };
}

test("an entry is in the store before it is sent and gone once it is answered", async () => {
  const server = new Server();
  const { outbox, store } = outboxWith(server);
  let kept = null;
  const { send } = outbox;
  outbox.send = (each) => ((kept = store.values.has(each.id)), send(each));
  assert.deepEqual(await outbox.add(entry("a")), { answer: { review_id: 1, version_id: 101 } });
  assert.equal(kept, true);
  assert.equal(store.values.size, 0);
});

test("a failing network keeps everything, in order, and sends each once when it is back", async () => {
  const server = new Server([0, 0]);
  const { outbox, store, later } = outboxWith(server);
  for (const id of ["a", "b", "c"]) outbox.add(entry(id, { decision: "skip", id }));
  await settled();
  assert.equal(store.values.size, 3);
  assert.equal(outbox.trouble.status, 0);
  await later.run();
  assert.deepEqual(later.planned.map(({ pause }) => pause), [2000]);
  await later.run();
  assert.equal(outbox.trouble, null);
  assert.deepEqual(server.received.map(({ id }) => id), ["a", "a", "a", "b", "c"]);
  assert.equal(store.values.size, 0);
});

test("a page that is opened later sends what an earlier one kept, in its order", async () => {
  const store = new MemoryStore();
  const offline = outboxWith(new Server([0]), store);
  offline.outbox.add(entry("a", { decision: "skip", id: "a" }));
  offline.outbox.add(entry("b", { decision: "skip", id: "b" }));
  await settled();
  const server = new Server();
  await outboxWith(server, store).outbox.open();
  await settled();
  assert.deepEqual(server.received.map(({ id }) => id), ["a", "b"]);
});

test("only what the store has is said to be kept", async () => {
  const { outbox } = outboxWith(new Server([0]));
  outbox.add(entry("a"));
  assert.equal(outbox.waiting.length, 1);
  assert.equal(outbox.kept.length, 0);
  await settled();
  assert.equal(outbox.kept.length, 1);
});

test("decisions of another person stay where they are", async () => {
  const store = new MemoryStore();
  await store.put({ ...entry("a"), person: 2, order: 1 });
  const server = new Server();
  await outboxWith(server, store).outbox.open();
  await settled();
  assert.deepEqual(server.received, []);
  assert.equal(store.values.size, 1);
});

test("a later decision on the same specimen is based on the label that the earlier one made", async () => {
  const server = new Server();
  const { outbox } = outboxWith(server);
  outbox.add(entry("a"));
  outbox.add(entry("b"));
  await outbox.add(entry("other", {}, { specimenId: 8 }));
  assert.deepEqual(server.received.map(({ parent_id }) => parent_id), [null, 101, null]);
});

test("a retraction learns the number of the review that it takes back", async () => {
  const server = new Server();
  const { outbox } = outboxWith(server);
  outbox.add(entry("a"));
  outbox.add(entry("z", { decision: "retract" }, { retracts: "a", restores: null }));
  await outbox.add(entry("b"));
  assert.equal(server.received[1].retracts_id, 1);
  assert.equal(server.received[2].parent_id, null);
});

test("a refusal waits for the person, and does not hold up the others", async () => {
  const current = { version_id: 55 };
  const server = new Server([{ error: "Lin was first.", status: 409, current }]);
  const { outbox, store } = outboxWith(server);
  const refused = outbox.add(entry("a"));
  outbox.add(entry("z", { decision: "retract" }, { retracts: "a" }));
  await outbox.add(entry("other", {}, { specimenId: 8 }));
  assert.equal((await refused).refusal.sentence, "Lin was first.");
  assert.deepEqual(outbox.refused.map(({ id }) => id), ["a"]);
  assert.deepEqual([...store.values.keys()], ["a"]);
  await outbox.again(outbox.refused[0], 55);
  await settled();
  assert.equal(server.received.at(-1).parent_id, 55);
  assert.equal(store.values.size, 0);
});

test("giving up a refused decision forgets it", async () => {
  const server = new Server([{ error: "No.", status: 422 }]);
  const { outbox, store } = outboxWith(server);
  await outbox.add(entry("a"));
  await outbox.drop(7);
  assert.equal(outbox.refused.length + store.values.size, 0);
});

test("what cannot be stored in the browser is sent all the same", async () => {
  const store = new MemoryStore();
  store.put = () => Promise.reject(new Error("quota"));
  const { outbox } = outboxWith(new Server(), store);
  const sent = outbox.add(entry("a"));
  assert.equal(outbox.isUnsafe, true);
  assert.ok((await sent).answer);
  assert.equal(outbox.isUnsafe, false);
});

for (const [status, tries, passing] of [
  [0, 99, true],
  [401, 99, true],
  [429, 1, true],
  [500, 1, true],
  [500, 5, false],
  [503, 99, true],
  [507, 99, true],
  [404, 1, false],
  [409, 1, false],
  [422, 1, false],
]) {
  test(`status ${status} after ${tries} tries ${passing ? "passes" : "is an answer"}`, () => {
    assert.equal(isPassing(status, tries), passing);
  });
}

for (const [fields, after] of [
  [{ decision: "accept" }, 9],
  [{ origin: "hand" }, 9],
  [{ decision: "reject", candidate_id: 3 }, undefined],
  [{ decision: "reject", version_id: 3 }, null],
  [{ decision: "skip" }, undefined],
  [{ decision: "retract" }, 4],
]) {
  test(`after ${JSON.stringify(fields)} the label is ${after}`, () => {
    assert.equal(labelAfter({ fields, restores: 4 }, { version_id: 9 }), after);
  });
}

/** What `navigator.locks` does for pages of one browser. */
function turns() {
  let last = Promise.resolve();
  return (act) => (last = last.then(act, act));
}

test("two pages over one store send each decision once, each based on the other's answers", async () => {
  const [server, store, alone] = [new Server([0, 0]), new MemoryStore(), turns()];
  const pages = [1, 2].map(() => outboxWith(server, store, alone));
  pages[0].outbox.add(entry("a"));
  pages[0].outbox.add(entry("b"));
  await settled();
  await pages[1].outbox.open();
  await settled();
  assert.equal(pages[1].outbox.kept.length, 2);
  server.received.length = 0;
  await Promise.all(pages.map(({ outbox }) => outbox.retry()));
  await settled();
  assert.equal(store.values.size, 0);
  assert.equal(server.reviews.size, 2);
  assert.deepEqual(pages.map(({ outbox }) => outbox.waiting.length), [0, 0]);
  const parents = server.received.map(({ parent_id }) => parent_id);
  assert.deepEqual([...new Set(parents)], [null, 101]);
});

test("a page learns the answer to its own decision that another page has sent", async () => {
  const [server, store] = [new Server([0]), new MemoryStore()];
  const own = outboxWith(server, store);
  const told = own.outbox.add(entry("a"));
  await settled();
  await outboxWith(server, store).outbox.open();
  await settled();
  assert.equal(store.values.size, 0);
  own.outbox.retry();
  assert.deepEqual((await told).answer.version_id, 101);
});

test("a refusal that another page has settled is shown no more", async () => {
  const [server, store] = [new Server([{ error: "No.", status: 422 }]), new MemoryStore()];
  const one = outboxWith(server, store).outbox;
  await one.add(entry("a"));
  const other = outboxWith(server, store).outbox;
  await other.open();
  assert.equal(other.refused.length, 1);
  await one.dismiss(one.refused[0]);
  await other.retry();
  assert.equal(other.refused.length, 0);
});

test("what the browser cannot store is told, and stored once it can", async () => {
  const store = new MemoryStore();
  const put = store.put.bind(store);
  store.put = () => Promise.reject(new Error("quota"));
  const { outbox, later } = outboxWith(new Server([0, 0]), store);
  outbox.add(entry("a"));
  await settled();
  assert.deepEqual([outbox.homeless.length, outbox.kept.length], [1, 0]);
  store.put = put;
  await later.run();
  assert.deepEqual([outbox.homeless.length, outbox.kept.length], [0, 1]);
});

test("a browser without a store at all sends too", async () => {
  const broken = () => Promise.reject(new Error("off"));
  const { outbox } = outboxWith(new Server(), { all: broken, get: broken, put: broken, remove: broken });
  await outbox.open();
  assert.ok((await outbox.add(entry("a"))).answer);
  assert.equal(outbox.isUnsafe, false);
});

function batch(...ids) {
  const items = ids.map((id) => ({ decision_id: `d${id}`, specimen_id: id, parent_id: null }));
  return { id: "batch", specimenIds: ids, path: "/reviews", fields: { decision: "accept", items } };
}

test("what follows a decision on many specimens is based on the labels that it made", async () => {
  const reviews = [{ specimen_id: 7, review_id: 3, version_id: 70 }, { specimen_id: 8, review_id: 4, version_id: 80 }];
  const server = new Server([{ reviews }]);
  const { outbox } = outboxWith(server);
  const answered = [];
  outbox.onAnswer = (each, answer, label) => answered.push([each.specimenId, label]);
  outbox.add(batch(7, 8));
  outbox.add(entry("z", { decision: "retract" }, { specimenId: 8, retracts: "d8" }));
  await outbox.add(entry("b", { decision: "reject", version_id: 70 }));
  assert.deepEqual(answered.slice(0, 2), [[7, 70], [8, 80]]);
  assert.equal(server.received[1].retracts_id, 4);
  assert.equal(server.received[2].parent_id, 70);
});

test("a decision on many specimens is based on the labels made before it", async () => {
  const server = new Server();
  const { outbox } = outboxWith(server);
  outbox.add(entry("a"));
  await outbox.add(batch(7, 8));
  assert.deepEqual(server.received[1].items.map(({ parent_id }) => parent_id), [101, null]);
});

test("of many decisions the stale ones stay to be compared, and the others go", async () => {
  const stale = [{ specimen_id: 8, error: "Lin was first.", current: { version_id: 55 } }];
  const server = new Server([{ error: "1 of 2 moved on.", status: 409, stale }]);
  const { outbox, store } = outboxWith(server);
  await outbox.add(batch(7, 8));
  await outbox.sendOthers(outbox.refused[0]);
  await settled();
  assert.deepEqual(server.received[1].items.map(({ specimen_id }) => specimen_id), [7]);
  const [left] = outbox.refused;
  assert.deepEqual([left.id, left.specimenId, left.refusal.current.version_id], ["d8", 8, 55]);
  assert.deepEqual([...store.values.keys()], ["d8"]);
  await outbox.again(left, 55);
  await settled();
  assert.deepEqual([server.received[2].parent_id, server.received[2].decision_id], [55, "d8"]);
});

test("a tag does not change the label that the next decision is based on", async () => {
  const server = new Server([{ tags: ["rare"] }]);
  const { outbox } = outboxWith(server);
  outbox.add(entry("t", {}, { fields: { word: "rare", on: true } }));
  await outbox.add(entry("a"));
  assert.equal(server.received[1].parent_id, null);
});
