import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";

import { encodeMask } from "../../static/js/png.js";

function chunksOf(bytes) {
  const chunks = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const typed = bytes.subarray(at + 4, at + 8 + length);
    chunks.push({
      type: typed.toString("latin1", 0, 4),
      content: typed.subarray(4),
      isWhole: crcOf(typed) === bytes.readUInt32BE(at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

/** Bit by bit, so that it shares nothing with the table under test. */
function crcOf(bytes) {
  if (crc32) return crc32(bytes);
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

test("a mask becomes an 8-bit one-channel PNG with the same pixels", async () => {
  const [width, height] = [37, 21];
  const mask = Uint8Array.from({ length: width * height }, (_, i) => ((i * i) % 7 < 3 ? 255 : 0));
  const blob = await encodeMask(mask, width, height);
  const bytes = Buffer.from(await blob.arrayBuffer());
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  const [header, pixels, end] = chunksOf(bytes);
  assert.deepEqual([header.type, pixels.type, end.type], ["IHDR", "IDAT", "IEND"]);
  assert.ok(header.isWhole && pixels.isWhole && end.isWhole);
  assert.deepEqual([header.content.readUInt32BE(0), header.content.readUInt32BE(4)], [37, 21]);
  assert.deepEqual([...header.content.subarray(8)], [8, 0, 0, 0, 0]);
  const rows = inflateSync(pixels.content);
  for (let y = 0; y < height; y += 1) {
    assert.equal(rows[y * (width + 1)], 0);
    const row = rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1));
    assert.deepEqual([...row], [...mask.subarray(y * width, (y + 1) * width)]);
  }
});
