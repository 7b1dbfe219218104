/** Two masks of one specimen side by side on blue: somebody else's, and the one just refused. */

import { fetchBitmap, canvasOf, maskOf, pixelsOf } from "../images.js";
import { compose } from "../review/compose.js";
import { clock, say } from "../texts.js";

async function onBlue(picture, bitmap) {
  const { width, height } = picture;
  const pixels = new Uint32Array(pixelsOf(picture).data.buffer);
  const words = compose(pixels, maskOf(bitmap, width, height), width, "blue");
  return canvasOf(new ImageData(new Uint8ClampedArray(words.buffer), width, height));
}

export class Conflict {
  #entry = null;

  constructor(dialog, { texts, outbox, onTheirs }) {
    Object.assign(this, { dialog, texts, outbox, onTheirs });
    this.part = (name) => dialog.querySelector(`[data-part="${name}"]`);
    this.part("take-theirs").addEventListener("click", () => this.#takeTheirs());
    this.part("keep-mine").addEventListener("click", () => this.#keepMine());
    dialog.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "t") this.#takeTheirs();
      if (event.key.toLowerCase() === "k") this.#keepMine();
    });
  }

  async open(entry) {
    this.#entry = entry;
    const { current, error } = entry.refusal;
    this.part("key").textContent = entry.key;
    this.part("what").textContent = error;
    const { number, person, created_at } = current;
    const time = clock(created_at);
    this.part("theirs-title").textContent = say(this.texts.theirs, { number, person, time });
    this.part("mine-title").textContent = this.#mineTitle(entry);
    this.dialog.showModal();
    const picture = await fetchBitmap(entry.picture);
    await this.#paint("theirs", picture, fetchBitmap(current.mask));
    const own = entry.file ? createImageBitmap(entry.file) : entry.mask && fetchBitmap(entry.mask);
    await this.#paint("mine", picture, own);
  }

  #mineTitle({ fields }) {
    return this.texts.mine[fields.decision ?? "accept"];
  }

  async #paint(side, picture, loading) {
    const canvas = this.part(side);
    const bitmap = await loading;
    const image = bitmap ? await onBlue(picture, bitmap) : picture;
    Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
  }

  async #takeTheirs() {
    const { specimenId } = this.#entry;
    this.dialog.close();
    await this.outbox.drop(specimenId);
    this.onTheirs(specimenId);
  }

  #keepMine() {
    this.dialog.close();
    const { specimenId, refusal } = this.#entry;
    this.outbox.resend(specimenId, refusal.current.version_id);
  }
}
