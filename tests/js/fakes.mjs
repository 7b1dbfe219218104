/** Stand-ins for the browser's store, the server and the clock. */

export class MemoryStore {
  constructor(key = "id") {
    this.key = key;
    this.values = new Map();
  }

  async all() {
    return [...this.values.values()].map((value) => structuredClone(value));
  }

  async get(key) {
    return structuredClone(this.values.get(key));
  }

  async put(value) {
    this.values.set(value[this.key], structuredClone(value));
  }

  async remove(key) {
    this.values.delete(key);
  }
}

export class MemoryStorage {
  values = new Map();

  getItem(name) {
    return this.values.get(name) ?? null;
  }

  setItem(name, value) {
    this.values.set(name, value);
  }
}

/** Answers in turn; a number stands for a failure with that status. The same id counts once. */
export class Server {
  received = [];
  /** Answers by the id of the decision. */
  reviews = new Map();

  constructor(answers = []) {
    this.answers = answers;
  }

  send = async (entry) => {
    this.received.push(structuredClone(entry.fields));
    const answer = this.answers.shift() ?? this.#accepted(entry);
    if (typeof answer === "number") throw failure(answer);
    if (answer.error) throw failure(answer.status, answer);
    return answer;
  };

  #accepted({ id, fields }) {
    const number = this.reviews.size + 1;
    const makes = ["accept", undefined].includes(fields.decision);
    const answer = { review_id: number, version_id: makes ? 100 + number : null };
    if (!this.reviews.has(id)) this.reviews.set(id, answer);
    return this.reviews.get(id);
  }
}

function failure(status, body = {}) {
  return Object.assign(new Error(String(status)), { status, sentence: body.error ?? "", body });
}

/** Keeps what is to happen later until it is asked for. */
export class Later {
  planned = [];

  plan = (act, pause) => {
    this.planned.push({ act, pause });
    return this.planned.length;
  };

  async run() {
    const { act } = this.planned.pop();
    act();
    await settled();
  }
}

/** Lets everything run that waits for nothing but other promises. */
export function settled() {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

export function reviewItem(id, { candidates = 2, parent = null } = {}) {
  return {
    id,
    key: `CARS${id}`,
    parent_id: parent,
    crop: { id, picture: `/crops/${id}` },
    candidates: Array.from({ length: candidates }, (_, i) => ({
      id: 10 * id + i,
      title: `method ${i}`,
      mask: `/masks/${id}-${i}`,
    })),
    current: null,
  };
}
