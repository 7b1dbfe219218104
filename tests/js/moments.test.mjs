import assert from "node:assert/strict";
import { test } from "node:test";

import { local, localHour } from "../../static/js/moments.js";

test("a moment is read by the clock of the reader", () => {
  process.env.TZ = "Asia/Taipei";
  assert.equal(local(new Date("2026-02-28T18:04:59+00:00")), "2026-03-01 02:04");
});

for (const [zone, day, here] of [
  ["Asia/Taipei", "2026-02-28", "06:00"],
  ["Europe/Berlin", "2026-01-15", "23:00"],
  ["Europe/Berlin", "2026-07-15", "00:00"],
  ["Asia/Kolkata", "2026-07-15", "03:30"],
]) {
  test(`22:00 UTC is ${here} in ${zone} on ${day}`, () => {
    process.env.TZ = zone;
    assert.equal(localHour(22, new Date(`${day}T23:59:00Z`)), here);
  });
}
