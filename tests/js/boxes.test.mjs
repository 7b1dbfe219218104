import assert from "node:assert/strict";
import { test } from "node:test";

import { drawn, middle, moved, pulled, same, sizeOf, turned, turnedTo } from "../../static/js/boxes/box.js";
import { Desk } from "../../static/js/boxes/desk.js";
import { Line } from "../../static/js/boxes/line.js";

const PHOTOGRAPH = { width: 400, height: 300 };
const BOX = { left: 100, top: 80, right: 300, bottom: 200, angle: 0 };

test("an edge goes where it is pulled, and the others stay", () => {
  const wider = pulled(BOX, { x: 1, y: 0 }, { x: 350, y: 10 }, PHOTOGRAPH);
  assert.deepEqual(wider, { ...BOX, right: 350 });
  const corner = pulled(BOX, { x: -1, y: -1 }, { x: 90, y: 60 }, PHOTOGRAPH);
  assert.deepEqual(corner, { ...BOX, left: 90, top: 60 });
});

test("a box stays on the photograph and never turns inside out", () => {
  assert.equal(pulled(BOX, { x: 1, y: 0 }, { x: 900, y: 0 }, PHOTOGRAPH).right, 400);
  const thin = pulled(BOX, { x: 1, y: 0 }, { x: 0, y: 0 }, PHOTOGRAPH);
  assert.deepEqual([thin.left, thin.right], [100, 108]);
  assert.deepEqual(moved(BOX, 500, -500, PHOTOGRAPH), {
    left: 200, top: 0, right: 400, bottom: 120, angle: 0,
  });
});

test("the opposite edge of a turned box stays where it is", () => {
  const box = turned(BOX, 90, PHOTOGRAPH);
  // The right edge of a box turned by 90 degrees is its lower edge on the photograph.
  const longer = pulled(box, { x: 1, y: 0 }, { x: 200, y: 280 }, PHOTOGRAPH);
  assert.deepEqual(sizeOf(longer), { width: 240, height: 120 });
  assert.deepEqual(middle(longer), { x: 200, y: 160 });
});

test("turning follows the hand in half degrees, and snaps to straight", () => {
  assert.equal(turnedTo(BOX, { x: 400, y: 140 }, PHOTOGRAPH).angle, 90);
  assert.equal(turnedTo(BOX, { x: 200.5, y: 0 }, PHOTOGRAPH).angle, 0);
  assert.equal(turned(BOX, 190, PHOTOGRAPH).angle, -170);
  assert.equal(turned(BOX, 7.3, PHOTOGRAPH).angle, 7.5);
});

test("a box is drawn in any direction", () => {
  const wanted = { left: 10, top: 20, right: 110, bottom: 120, angle: 0 };
  assert.ok(same(drawn({ x: 110, y: 20 }, { x: 10, y: 120 }, PHOTOGRAPH), wanted));
});

function items(...ids) {
  return ids.map((id) => ({ id, doubt: 1 / id, photograph: `photo-${id}`, crop: `crop-${id}` }));
}

test("the line goes on from the last item and fetches pictures ahead", async () => {
  const asked = [];
  const warmed = [];
  const pages = [items(1, 2, 3, 4, 5, 6, 7, 8), items(9)];
  const line = new Line({
    load: async (query) => (asked.push(query), { items: pages.shift() ?? [], waiting: 9 }),
    warm: (url) => warmed.push(url),
  });
  await line.begin(null);
  assert.equal(line.current.id, 1);
  assert.ok(warmed.includes("photo-4") && !warmed.includes("photo-5"));
  for (let step = 0; step < 8; step += 1) await line.next();
  assert.equal(line.current.id, 9);
  assert.deepEqual(asked[1], { limit: 8, after_doubt: 1 / 8, after_id: 8 });
  await line.next();
  assert.equal(line.current, undefined);
  line.previous();
  assert.equal(line.current.id, 9);
});

function desk() {
  const sent = [];
  const answers = [];
  const outbox = {
    add: (entry) => {
      sent.push(entry);
      return new Promise((resolve) => answers.push(resolve));
    },
  };
  let last = 0;
  const made = new Desk({ outbox, renew: async () => {}, newId: () => `id-${(last += 1)}` });
  made.open({ id: 7, key: "moth", crop_id: 3, version_id: 5, photograph_id: 2, box: BOX });
  return { desk: made, sent, answers };
}

test("what was not touched is right, what was is corrected", () => {
  const { desk: one, sent } = desk();
  one.confirm();
  assert.deepEqual(sent[0].fields, {
    decision_id: "id-1", verdict: "right", crop_id: 3, parent_id: 5,
  });
  one.box = { ...BOX, left: 50 };
  one.confirm();
  assert.deepEqual(sent[1].fields, {
    decision_id: "id-2", verdict: "corrected", after: "id-1", parent_id: 5, box: { ...BOX, left: 50 },
  });
});

test("undo names what was said last and shows it again", () => {
  const { desk: one, sent } = desk();
  assert.equal(one.undo(), null);
  one.nothing();
  assert.equal(one.undo().specimenId, 7);
  assert.deepEqual(sent[1].fields, {
    decision_id: "id-2", verdict: "undone", retracts: "id-1", after: "id-1",
  });
  assert.equal(one.undo(), null);
});

test("a box beside can be taken back once the server has made a specimen of it", async () => {
  const { desk: one, sent, answers } = desk();
  const added = one.add(BOX);
  assert.equal(sent[0].path, "/photographs/2/specimens");
  assert.equal(one.undo(), null);
  answers[0]({ answer: { specimen_id: 9 } });
  await added;
  assert.equal(one.undo().specimenId, 7);
  assert.equal(sent[1].path, "/specimens/9/box-checks");
});

test("what was refused is not there to be taken back", async () => {
  const { desk: one, answers } = desk();
  const said = one.confirm();
  answers[0]({ refusal: { status: 409 } });
  await said;
  assert.equal(one.undo(), null);
});
