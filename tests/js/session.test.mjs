import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../static/js/outbox/outbox.js";
import { AHEAD, Line } from "../../static/js/review/line.js";
import { Session } from "../../static/js/review/session.js";
import { UndoStack } from "../../static/js/review/undo.js";
import { Later, MemoryStorage, MemoryStore, Server, reviewItem, settled } from "./fakes.mjs";

async function sitting({ ids = [1, 2, 3, 4, 5, 6, 7, 8], answers, storage } = {}) {
  const server = new Server(answers);
  const outbox = new Outbox({
    store: new MemoryStore(),
    send: server.send,
    person: 1,
    later: new Later().plan,
  });
  const asked = [];
  const line = new Line({
    loadQueue: async (limit, exclude) => {
      asked.push(exclude);
      const left = ids.filter((id) => !exclude.includes(id)).slice(0, limit);
      const items = left.map((id) => reviewItem(id));
      return { items, waiting: left.length, labelled: 0, total: ids.length };
    },
    loadItem: async (id) => reviewItem(id),
    unsent: () => outbox.waiting.map((entry) => entry.specimenId),
    onChange: () => {},
  });
  const undo = new UndoStack(storage ?? new MemoryStorage());
  const session = new Session({ line, outbox, undo, onChange: () => {} });
  await line.start(null);
  return { session, line, server, outbox, asked };
}

const at = (session) => session.current?.item.id;

test("accepting shows the next specimen at once and sends the mask in view", async () => {
  const { session, server } = await sitting();
  session.choose(1);
  session.accept();
  assert.equal(at(session), 2);
  await settled();
  const [sent] = server.received;
  assert.equal(sent.decision, "accept");
  assert.equal(sent.candidate_id, 11);
  assert.ok(sent.decision_id.length >= 8);
});

test("five specimens are always ahead, none of them twice", async () => {
  const { session, line } = await sitting();
  assert.equal(line.ahead.length, AHEAD + 1);
  session.skip();
  await settled();
  assert.equal(line.ahead.length, AHEAD + 1);
  session.skip();
  await settled();
  const ids = line.sights.map(({ item }) => item.id);
  assert.deepEqual(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("rejecting one mask shows the next best, rejecting the last one goes on", async () => {
  const { session, server } = await sitting();
  session.reject({ reasons: ["hole"], note: "", all: false });
  assert.equal(at(session), 1);
  assert.equal(session.current.mask.id, 11);
  session.reject({ reasons: ["rough-edge"], note: "", all: false });
  assert.equal(at(session), 2);
  await settled();
  assert.deepEqual(server.received.map(({ candidate_id }) => candidate_id), [10, 11]);
});

test("rejecting every mask is one undo", async () => {
  const { session, server } = await sitting();
  session.reject({ reasons: ["wrong-object"], note: "", all: true });
  await settled();
  await session.takeBack();
  await settled();
  assert.equal(at(session), 1);
  assert.equal(session.current.open.length, 2);
  const retracted = server.received.slice(2).map(({ retracts_id }) => retracts_id);
  assert.deepEqual(retracted, [2, 1]);
});

test("an acceptance is taken back with the number that the server gave it", async () => {
  const { session, line, server } = await sitting();
  session.accept();
  assert.equal(line.counts.labelled, 1);
  await settled();
  await session.takeBack();
  await settled();
  assert.equal(at(session), 1);
  assert.equal(session.current.outcome, null);
  assert.equal(line.counts.labelled, 0);
  assert.deepEqual([server.received[1].decision, server.received[1].retracts_id], ["retract", 1]);
  assert.equal(session.current.item.parent_id, null);
});

test("accepting another mask later is based on the label made before", async () => {
  const { session, line, server } = await sitting();
  session.accept();
  await settled();
  line.previous();
  session.choose(1);
  session.accept();
  await settled();
  assert.equal(server.received[1].parent_id, 101);
});

test("accepting the same mask again only goes on", async () => {
  const { session, line, server } = await sitting();
  session.accept();
  line.previous();
  session.accept();
  await settled();
  assert.equal(server.received.length, 1);
  assert.equal(at(session), 2);
});

test("a refused decision cannot be taken back and does not count", async () => {
  const refusal = { error: "Lin was first.", status: 409, current: { version_id: 5 } };
  const { session, line } = await sitting({ answers: [refusal] });
  session.accept();
  await settled();
  assert.equal(line.sights[0].outcome, "refused");
  assert.equal(line.counts.labelled, 0);
  assert.equal(await session.takeBack(), null);
});

test("the own decisions can be taken back after a way through another page", async () => {
  const storage = new MemoryStorage();
  const first = await sitting({ storage });
  first.session.accept();
  await settled();
  const second = await sitting({ ids: [2, 3], storage });
  await second.session.takeBack();
  assert.equal(second.server.received[0].retracts_id, 1);
  assert.equal(at(second.session), 1);
});

test("skipped specimens come again only when they are asked for", async () => {
  const { session, line } = await sitting({ ids: [1, 2] });
  session.skip();
  session.skip();
  await settled();
  assert.equal(session.current, null);
  await line.lookAgain();
  assert.equal(at(session), 1);
});

test("specimens with decisions on their way are not asked for", async () => {
  const { session, line, asked } = await sitting({ ids: [1, 2, 3], answers: [0] });
  session.accept();
  await settled();
  await line.lookAgain();
  assert.ok(asked.at(-1).includes(1));
});

test("a failing queue is remembered until it answers again", async () => {
  const { line } = await sitting({ ids: [1] });
  const { loadQueue } = line;
  line.loadQueue = () => Promise.reject(Object.assign(new Error(), { status: 0 }));
  await line.fill();
  assert.equal(line.trouble.status, 0);
  line.loadQueue = loadQueue;
  await line.fill();
  assert.equal(line.trouble, null);
});
