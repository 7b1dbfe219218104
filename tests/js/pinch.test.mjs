import assert from "node:assert/strict";
import { test } from "node:test";

import { Pinch } from "../../static/js/pinch.js";

globalThis.devicePixelRatio = 2;

function fingers() {
  const element = new EventTarget();
  element.getBoundingClientRect = () => ({ left: 10, top: 20 });
  const moves = [];
  const pinch = new Pinch(element, { onMove: (move) => moves.push(move) });
  const send = (name, pointerId, clientX, clientY, pointerType = "touch") =>
    element.dispatchEvent(
      Object.assign(new Event(name), { pointerId, clientX, clientY, pointerType }),
    );
  return { pinch, moves, send };
}

test("two fingers that spread zoom about their middle", () => {
  const { pinch, moves, send } = fingers();
  send("pointerdown", 1, 110, 120);
  send("pointerdown", 2, 210, 120);
  assert.equal(pinch.isActive, true);
  send("pointermove", 2, 310, 120);
  assert.deepEqual(moves, [{ x: 400, y: 200, length: 400, dx: 100, dy: 0, factor: 2 }]);
});

test("one finger, a pen and a mouse are no pinch", () => {
  const { pinch, moves, send } = fingers();
  send("pointerdown", 1, 110, 120);
  send("pointerdown", 2, 110, 120, "pen");
  send("pointerdown", 3, 110, 120, "mouse");
  send("pointermove", 1, 150, 120);
  assert.deepEqual([pinch.isActive, moves], [false, []]);
});
