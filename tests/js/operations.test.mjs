import assert from "node:assert/strict";
import { test } from "node:test";

import { Heavy } from "../../static/js/editor/heavy.js";
import { Mask, SPECIMEN } from "../../static/js/editor/mask.js";
import * as operations from "../../static/js/editor/operations.js";
import { connected, isHeldBy, randomMask, seeded, SIZES } from "./random.mjs";

/** Each size at several shares of specimen, none and all among them. */
function eachMask(check) {
  const random = seeded(7);
  for (const [width, height] of SIZES) {
    for (const share of [0, 0.03, 0.4, 0.6, 0.97, 1]) {
      const mask = randomMask(random, width, height, share);
      const before = mask.data.slice();
      check(mask);
      assert.deepEqual(mask.data, before, "the mask itself stays as it is");
    }
  }
}

function mapped({ width, data }, value) {
  return data.map((_, at) => value(at % width, Math.floor(at / width), at));
}

function isNear({ width, data }, x, y, px, value) {
  return data.some((each, at) => {
    const [dx, dy] = [(at % width) - x, Math.floor(at / width) - y];
    return each === value && dx * dx + dy * dy <= px * px;
  });
}

for (const px of [0, 1, 1.5, 2, 5, 40]) {
  test(`growing by ${px} px takes all within that distance, shrinking gives it away`, () => {
    eachMask((mask) => {
      const near = (value, other) => (x, y, at) =>
        isNear(mask, x, y, px, value) ? value : other ?? mask.data[at];
      assert.deepEqual(operations.grow(mask, px), mapped(mask, near(SPECIMEN, 0)));
      assert.deepEqual(operations.shrink(mask, px), mapped(mask, near(0, SPECIMEN)));
    });
  });
}

test("the largest region is kept, corners count as connected", () => {
  eachMask((mask) => {
    const isSpecimen = (at) => mask.data[at] === SPECIMEN;
    let largest = new Set();
    mask.data.forEach((_, at) => {
      const region = connected(mask, at, isSpecimen, true);
      if (region.size > largest.size) largest = region;
    });
    const expected = mapped(mask, (x, y, at) => (largest.has(at) ? SPECIMEN : 0));
    assert.deepEqual(operations.keepLargest(mask), expected);
  });
});

test("background that does not reach the edge is filled", () => {
  eachMask((mask) => {
    const { width, height } = mask;
    const isOutside = (at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return x === 0 || y === 0 || x === width - 1 || y === height - 1;
    };
    const expected = mapped(mask, (x, y, at) => {
      const region = connected(mask, at, (each) => mask.data[each] === 0);
      return region.size && [...region].some(isOutside) ? 0 : SPECIMEN;
    });
    assert.deepEqual(operations.fillHoles(mask), expected);
  });
});

for (const px of [0, 1, 3]) {
  test(`smoothing by ${px} px is a vote of the surroundings, near ones counting more`, () => {
    eachMask((mask) => {
      const { width, height, data } = mask;
      const mean = (from, along) =>
        mapped({ width, data: from }, (x, y) => {
          let sum = 0;
          for (let step = -px; step <= px; step += 1) {
            const column = Math.min(Math.max(along === "x" ? x + step : x, 0), width - 1);
            const row = Math.min(Math.max(along === "y" ? y + step : y, 0), height - 1);
            sum += from[row * width + column] / (2 * px + 1);
          }
          return sum;
        });
      let sums = Float64Array.from(data, (value) => value && 1);
      for (const along of ["x", "y", "x", "y"]) sums = mean(sums, along);
      const expected = Uint8Array.from(sums, (sum) => (sum > 0.5 ? SPECIMEN : 0));
      assert.deepEqual(operations.smooth(mask, px), expected);
    });
  });
}

test("smoothing takes away specks and straightens a ragged edge", () => {
  const mask = new Mask(60, 60);
  const isSpike = (at) => Math.floor(at / 60) % 4 === 0;
  mask.data.forEach((_, at) => (mask.data[at] = at % 60 < (isSpike(at) ? 34 : 30) ? SPECIMEN : 0));
  mask.data[10 * 60 + 50] = SPECIMEN;
  mask.data[40 * 60 + 10] = 0;
  const smoothed = operations.smooth(mask, 3);
  assert.equal(smoothed[10 * 60 + 50], 0);
  assert.equal(smoothed[40 * 60 + 10], SPECIMEN);
  const edges = Array.from({ length: 48 }, (_, y) => smoothed.indexOf(0, (y + 6) * 60) % 60);
  assert.deepEqual([...new Set(edges)], [31]);
});

test("what comes back from an operation is taken over with the rectangle that it changed", () => {
  eachMask((mask) => {
    const own = new Mask(mask.width, mask.height, mask.data.slice());
    const before = own.data.slice();
    const rect = own.replace(operations.fillHoles(mask));
    assert.deepEqual(own.data, operations.fillHoles(mask));
    assert.ok(isHeldBy(rect, before, own));
    assert.equal(own.replace(own.data.slice()), null);
  });
});

/** Does what heavy-worker.js does, a moment later. */
class WorkerInPlace {
  async postMessage({ id, name, mask, args }) {
    await null;
    if (name === "crash") this.onerror({ message: "crashed" });
    else if (!operations[name]) this.onmessage({ data: { id, error: `no ${name}` } });
    else this.onmessage({ data: { id, pixels: operations[name](mask, ...args) } });
  }

  terminate() {
    this.isTerminated = true;
  }
}

test("operations run elsewhere, several at once, and answer each its own question", async () => {
  const heavy = new Heavy(() => new WorkerInPlace());
  const mask = randomMask(seeded(3), 20, 20);
  const [grown, shrunk] = await Promise.all([heavy.run("grow", mask, 2), heavy.run("shrink", mask, 1)]);
  assert.deepEqual(grown, operations.grow(mask, 2));
  assert.deepEqual(shrunk, operations.shrink(mask, 1));
  assert.equal(mask.data.length, 400);
  await assert.rejects(heavy.run("nonsense", mask), /no nonsense/);
});

test("a worker that falls over leaves nobody waiting, and the next run has another", async () => {
  const workers = [];
  const heavy = new Heavy(() => workers[workers.push(new WorkerInPlace()) - 1]);
  const mask = randomMask(seeded(3), 4, 4);
  await assert.rejects(heavy.run("crash", mask), /crashed/);
  assert.equal(heavy.isBusy, false);
  assert.ok(workers[0].isTerminated);
  assert.deepEqual(await heavy.run("grow", mask, 1), operations.grow(mask, 1));
});
