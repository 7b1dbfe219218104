/** Says when something is not on the server yet or was refused, and what can be done about it. */

import { sentenceOf } from "../api.js";
import { say } from "../texts.js";

export class Banner {
  /** Its texts stand on its element, so that every page has them. */
  constructor(root, { outbox, onCompare }) {
    Object.assign(this, { root, outbox, texts: root.dataset });
    for (const part of root.querySelectorAll("[data-part]")) this[part.dataset.part] = part;
    const press = (part, act) => part.addEventListener("click", act);
    press(this.retry, () => outbox.retry());
    press(this.compare, () => onCompare(this.#refused));
    press(this.others, () => outbox.sendOthers(this.#refused));
    press(this.again, () => outbox.again(this.#refused, this.#isTakenBack ? null : undefined));
    this.kind.addEventListener("change", () => this.#readAs(this.kind.value));
    press(this.dismiss, () => outbox.dismiss(this.#refused));
  }

  get #refused() {
    return this.outbox.refused[0];
  }

  /** The label that the decision was based on is no more, and there is no other. */
  get #isTakenBack() {
    return this.#refused.refusal.current === null;
  }

  /** `trouble` is that of asking for more specimens; the outbox knows its own. */
  show(trouble = null) {
    const refused = this.#refused;
    const failed = this.outbox.trouble ?? trouble;
    const isHomeless = this.outbox.homeless.length > 0;
    this.root.hidden = !refused && !failed && !isHomeless;
    if (this.root.hidden) return;
    this.root.classList.toggle("error", Boolean(refused) || isHomeless);
    const text = refused ? this.#refusal(refused) : this.#trouble(failed);
    if (this.text.textContent !== text) this.text.textContent = text;
    this.retry.hidden = Boolean(refused) || !this.outbox.trouble;
    this.login.hidden = Boolean(refused) || failed?.status !== 401;
    this.#offer(refused);
  }

  /** The person says what kind of picture was uploaded. */
  #readAs(kind) {
    const refused = this.#refused;
    this.kind.value = "";
    if (!kind) return;
    refused.fields.kind = kind;
    this.outbox.again(refused);
  }

  #offer(refused) {
    const { status, current, stale } = refused?.refusal ?? {};
    this.kinds.hidden = !refused?.refusal.may_be_read_otherwise;
    this.compare.hidden = !current;
    this.others.hidden = !stale;
    const canBeSent = status >= 500 || (status === 409 && !current && !stale);
    this.again.hidden = !canBeSent || Boolean(refused.retracts);
    this.dismiss.hidden = !refused || Boolean(current);
  }

  #refusal({ key, refusal }) {
    const count = this.outbox.refused.length;
    const text = count > 1 ? this.texts.refusedMany : this.texts.refused;
    return say(text, { key, count, sentence: sentenceOf(refusal) });
  }

  #trouble(failed) {
    const { kept, homeless } = this.outbox;
    if (homeless.length) return say(this.texts.homeless, { count: homeless.length });
    const values = { count: kept.length, sentence: sentenceOf(failed) };
    if (!kept.length) return values.sentence;
    return say(failed.status === 0 ? this.texts.away : this.texts.kept, values);
  }
}
