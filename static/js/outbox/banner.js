/** Says when something is not on the server yet or was refused, and what can be done about it. */

import { sentenceOf } from "../api.js";
import { say } from "../texts.js";

export class Banner {
  constructor(root, { texts, outbox, onCompare }) {
    Object.assign(this, { root, texts, outbox });
    this.text = root.querySelector("[data-part=text]");
    this.retry = root.querySelector("[data-part=retry]");
    this.compare = root.querySelector("[data-part=compare]");
    this.again = root.querySelector("[data-part=again]");
    this.dismiss = root.querySelector("[data-part=dismiss]");
    this.retry.addEventListener("click", () => outbox.retry());
    this.compare.addEventListener("click", () => onCompare(this.#refused));
    this.again.addEventListener("click", () => outbox.resend(this.#refused.specimenId, null));
    this.dismiss.addEventListener("click", () => outbox.drop(this.#refused.specimenId));
  }

  get #refused() {
    return this.outbox.refused[0];
  }

  /** `trouble` is that of asking for more specimens; the outbox knows its own. */
  show(trouble = null) {
    const refused = this.#refused;
    const failed = this.outbox.trouble ?? trouble;
    this.root.hidden = !refused && !failed;
    if (this.root.hidden) return;
    this.root.classList.toggle("error", Boolean(refused));
    const text = refused ? this.#refusal(refused) : this.#trouble(failed);
    if (this.text.textContent !== text) this.text.textContent = text;
    this.retry.hidden = Boolean(refused) || !this.outbox.trouble;
    const status = refused?.refusal.status;
    this.compare.hidden = !refused?.refusal.current;
    this.again.hidden = status !== 409 || !this.compare.hidden || Boolean(refused.retracts);
    this.dismiss.hidden = !refused || !this.compare.hidden;
  }

  #refusal({ key, refusal }) {
    return say(this.texts.refused, { key, sentence: sentenceOf(refusal) });
  }

  #trouble(failed) {
    const count = this.outbox.kept.length;
    const values = { count, sentence: sentenceOf(failed) };
    if (!count) return say(this.texts.waiting, values);
    if (failed.status === 401) return say(this.texts.signedOut, values);
    return say(failed.status === 0 ? this.texts.offline : this.texts.kept, values);
  }
}
