/** Whole-mask operations, away from the page's own thread. */

export class Heavy {
  #worker = null;
  #waiting = new Map();
  #lastId = 0;

  constructor(makeWorker = ownWorker) {
    this.makeWorker = makeWorker;
  }

  get isBusy() {
    return this.#waiting.size > 0;
  }

  /** The pixels that an operation of operations.js makes of a mask; the mask stays as it is. */
  run(name, { width, height, data }, ...args) {
    this.#worker ??= this.#started();
    this.#lastId += 1;
    const id = this.#lastId;
    const copy = data.slice();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const mask = { width, height, data: copy };
      this.#worker.postMessage({ id, name, mask, args }, [copy.buffer]);
    });
  }

  #started() {
    const worker = this.makeWorker();
    worker.onmessage = ({ data: { id, pixels, error } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(pixels);
    };
    worker.onerror = (event) => this.#broken(event);
    return worker;
  }

  /** It could not be loaded or fell over: nobody waits in vain, and the next run starts another. */
  #broken(event) {
    this.#worker.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new Error(event.message ?? "worker"));
    this.#waiting.clear();
  }
}

function ownWorker() {
  return new Worker(new URL("./heavy-worker.js", import.meta.url), { type: "module" });
}
