/** A label that a new box would cut is shown to whoever draws it; they decide. */

import { call } from "../api.js";
import { listenIn } from "../keys.js";
import { say } from "../texts.js";

export class CutDialog {
  constructor(dialog, texts) {
    Object.assign(this, { dialog, texts });
    const close = (answer) => () => dialog.close(answer);
    listenIn(dialog, { Enter: close("yes") });
    dialog.querySelector("[data-yes]").addEventListener("click", close("yes"));
    dialog.querySelector("[data-cancel]").addEventListener("click", close(""));
  }

  /** Whether the box may be taken; throws what the server said when it cannot tell. */
  async mayCut(item, { left, top, right, bottom, angle }) {
    if (!item.version_id) return true;
    const query = new URLSearchParams({ left, top, right, bottom, angle });
    const { outside, total } = await call("GET", `/specimens/${item.id}/box/left-out?${query}`);
    if (!outside) return true;
    const percent = ((100 * outside) / total).toFixed(1);
    this.dialog.querySelector("[data-part=text]").textContent = say(this.texts.cut, { count: outside, percent });
    this.dialog.returnValue = "";
    this.dialog.showModal();
    await new Promise((resolve) => this.dialog.addEventListener("close", resolve, { once: true }));
    return this.dialog.returnValue === "yes";
  }
}
