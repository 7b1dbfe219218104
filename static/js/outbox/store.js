/** What the browser keeps for the person until the server has it: IndexedDB, one store per use. */

const NAME = "mothmask";
const VERSION = 2;
/** A draft is the person's own: two people may draw the same specimen in one browser. */
const STORES = { outbox: "id", drafts: ["person", "specimenId"] };

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => prepare(request, oldVersion);
    request.onsuccess = () => {
      // A newer page may want to change the stores; the next use here opens them again.
      request.result.onversionchange = () => {
        request.result.close();
        opened = undefined;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("an older page holds the store"));
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

function prepare({ result: database, transaction }, oldVersion) {
  const make = (name) => database.createObjectStore(name, { keyPath: STORES[name] });
  if (oldVersion === 0) {
    for (const name of Object.keys(STORES)) make(name);
    return;
  }
  const reading = transaction.objectStore("drafts").getAll();
  reading.onsuccess = () => {
    database.deleteObjectStore("drafts");
    const drafts = make("drafts");
    for (const draft of reading.result) drafts.put(draft);
  };
}

export class Store {
  constructor(name) {
    this.name = name;
  }

  keyOf(key) {
    return Array.isArray(STORES[this.name]) ? [Number(document.body.dataset.person), key] : key;
  }

  all() {
    return this.#run("readonly", (store) => store.getAll());
  }

  get(key) {
    return this.#run("readonly", (store) => store.get(this.keyOf(key)));
  }

  put(value) {
    return this.#run("readwrite", (store) => store.put(value));
  }

  remove(key) {
    return this.#run("readwrite", (store) => store.delete(this.keyOf(key)));
  }

  /** Remove what is kept only if it is still what the test wants gone. */
  removeIf(key, test) {
    return this.#run("readwrite", (store) => {
      const reading = store.get(this.keyOf(key));
      reading.onsuccess = () => {
        if (reading.result && test(reading.result)) store.delete(this.keyOf(key));
      };
      return reading;
    });
  }

  async #run(mode, ask) {
    const transaction = (await open()).transaction(this.name, mode);
    const request = ask(transaction.objectStore(this.name));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}
