/** Runs operations on whole masks beside the page, which goes on answering meanwhile. */

import * as operations from "./operations.js";

addEventListener("message", ({ data: { id, name, mask, args } }) => {
  try {
    const pixels = operations[name](mask, ...args);
    postMessage({ id, pixels }, [pixels.buffer]);
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});
