/** Does the work of files.js. */

import { fetchBitmap, maskOf } from "../images.js";
import { encodeMask } from "../png.js";

const tasks = {
  async encode({ width, height, data }) {
    const file = await encodeMask(data, width, height);
    return new Uint8Array(await file.arrayBuffer());
  },
  async fetch({ width, height }, url) {
    return maskOf(await fetchBitmap(url), width, height);
  },
};

addEventListener("message", async ({ data: { id, name, mask, args } }) => {
  try {
    const pixels = await tasks[name](mask, ...args);
    postMessage({ id, pixels }, [pixels.buffer]);
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});
