/** What the browser keeps for the person until the server has it: IndexedDB, one store per use. */

const NAME = "mothmask";
const STORES = { outbox: "id", drafts: "specimenId" };

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) {
        request.result.createObjectStore(store, { keyPath });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

export class Store {
  constructor(name) {
    this.name = name;
  }

  all() {
    return this.#run("readonly", (store) => store.getAll());
  }

  get(key) {
    return this.#run("readonly", (store) => store.get(key));
  }

  put(value) {
    return this.#run("readwrite", (store) => store.put(value));
  }

  remove(key) {
    return this.#run("readwrite", (store) => store.delete(key));
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
