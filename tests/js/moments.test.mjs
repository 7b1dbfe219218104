import assert from "node:assert/strict";
import { test } from "node:test";

import { local } from "../../static/js/moments.js";

test("a moment is read by the clock of the reader", () => {
  process.env.TZ = "Asia/Taipei";
  assert.equal(local(new Date("2026-02-28T18:04:59+00:00")), "2026-03-01 02:04");
});
