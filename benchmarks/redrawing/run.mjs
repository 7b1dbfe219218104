/**
 * One picture, all tools: `node run.mjs FOLDER TOOL...`. The folder holds case.json and raw pixels;
 * each tool's mask is written to `after-TOOL`, and what it took is printed as JSON.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { RegionMap } from "../../static/js/editor/regions.js";
import { redraw } from "./person.mjs";

const [folder, ...tools] = process.argv.slice(2);
const bytes = (name) => new Uint8Array(readFileSync(join(folder, name)));
const facts = JSON.parse(readFileSync(join(folder, "case.json")));
const { width, height, beyond, good, seed, others, map } = facts;
const regions = (name) => new RegionMap({ ...map, data: bytes(name) }, { width, height });

const picture = {
  width,
  height,
  beyond,
  good,
  pixels: bytes("pixels"),
  truth: bytes("truth"),
  first: bytes("first"),
  others: Array.from({ length: others }, (_, i) => bytes(`other-${i}`)),
  maps: { superpixels: regions("superpixels"), blocks: regions("blocks") },
};

const taken = {};
for (const tool of tools) {
  const { mask, ...effort } = redraw(picture, tool, seeded(seed));
  writeFileSync(join(folder, `after-${tool}`), mask);
  taken[tool] = effort;
}
console.log(JSON.stringify(taken));

function seeded(start) {
  let state = start;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
