/**
 * Masks as 8-bit one-channel PNG files. A canvas could only give RGBA, so the few chunks that are
 * needed (header, pixels, end) are written here; see the PNG specification, third edition, § 5.
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function chunk(type, content) {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(Array.from(type, (letter) => letter.charCodeAt(0)), 4);
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc(bytes.subarray(4, content.length + 8)));
  return bytes;
}

function header(width, height) {
  const content = new Uint8Array(13);
  const view = new DataView(content.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  content[8] = 8; // bits; colour type, compression, filter and interlace stay 0: plain grey
  return content;
}

/** Rows with the filter byte 0 ("none") before each. */
function rows(mask, width, height) {
  const bytes = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    bytes.set(mask.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  return bytes;
}

async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function encodeMask(mask, width, height) {
  const pixels = await deflated(rows(mask, width, height));
  const parts = [
    new Uint8Array(SIGNATURE),
    chunk("IHDR", header(width, height)),
    chunk("IDAT", pixels),
    chunk("IEND", new Uint8Array(0)),
  ];
  return new Blob(parts, { type: "image/png" });
}
