/** What the drawing begins with: a draft, the mask of a refused decision, or the mask that was named. */

import { ApiError, call } from "../api.js";
import { AS_SENT, fetchBitmap, maskOf } from "../images.js";
import { sendDraft } from "../outbox/drafts.js";
import { clock, say } from "../texts.js";
import { fetchMask } from "./files.js";
import { earlierDraft, findDrafts, offerDraft } from "./resume.js";
import { paintOnBlue } from "./small.js";

const AGAIN = 3000;

export class Start {
  /** Filled by `load`: the crop, the pixels to begin with, the label they are based on. */
  bitmap = null;
  pixels = null;
  /** Whether these pixels are work that the server has not got. */
  isUnsent = false;
  /** Unfinished work that was not taken: {title, pixels}. */
  left = [];
  said = "";

  constructor({ data, drafts, outbox, dialog, wait }) {
    Object.assign(this, { data, drafts, outbox, dialog, wait });
    this.parentId = data.parent_id;
  }

  async load() {
    const { crop, merge } = this.data;
    this.bitmap = await this.#patiently(() => fetchBitmap(crop.full));
    this.entry = merge ? await this.outbox.get(merge).catch(() => null) : null;
    await this.#sendEarlier();
    const found = await findDrafts(this.data, this.drafts);
    for (const draft of found) draft.pixels = await this.#patiently(() => draft.load());
    if (await this.#merge()) this.#leave(found);
    else if (!(await this.#resume(found))) await this.#begin();
  }

  /** The server lays it onto the present crop; where it has a newer one, that one counts. */
  async #sendEarlier() {
    const kept = await earlierDraft(this.data, this.drafts);
    if (!kept) return;
    const { specimen } = this.data;
    try {
      await sendDraft(this.drafts, kept);
      this.data.draft = await call("GET", `/specimens/${specimen}/draft`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** The mask that was refused, based on what has come meanwhile. */
  async #merge() {
    const { entry } = this;
    if (!entry) return false;
    const { candidate_id, version_id } = entry.fields;
    const isMeant = ({ kind, id }) => id === (kind === "version" ? version_id : candidate_id);
    // A file may be of any kind; the server has said how it reads it.
    const url = entry.refusal?.mine?.full ?? this.data.masks.find(isMeant)?.mask_full;
    if (!entry.file && !url) return false;
    const { width, height } = this.data.crop;
    this.pixels = await this.#patiently(async () => {
      if (url) return fetchMask(url, { width, height });
      return maskOf(await createImageBitmap(entry.file, AS_SENT), width, height);
    });
    this.isUnsent = true;
    return true;
  }

  async #resume([newest, ...older]) {
    if (!newest) return false;
    const { texts, crop } = this.data;
    const said = newest.isCarried ? texts.draftCarried : texts.draftFrom;
    const text = say(said, { time: clock(newest.moment) });
    const paint = (canvas) => paintOnBlue(canvas, this.bitmap, { ...crop, data: newest.pixels });
    if (!(await offerDraft(this.dialog, text, paint))) {
      await this.#discard();
      this.#leave([newest, ...older]);
      return false;
    }
    this.#leave(older);
    this.pixels = newest.pixels;
    this.parentId = newest.parentId;
    this.isUnsent = newest.isUnsent;
    return true;
  }

  async #begin() {
    const { start, crop } = this.data;
    const empty = async () => new Uint8Array(crop.width * crop.height);
    this.pixels = await this.#patiently(start ? () => fetchMask(start, crop) : empty);
  }

  /** What the person does not go on with stays at hand until the page is left. */
  #leave(drafts) {
    const { texts } = this.data;
    for (const { moment, pixels } of drafts) {
      this.left.push({ title: say(texts.draftOf, { time: clock(moment) }), pixels });
    }
  }

  async #discard() {
    this.said = this.data.texts.discarded;
    await this.drafts.remove(this.data.specimen).catch(() => {});
    await call("DELETE", `/specimens/${this.data.specimen}/draft`).catch(() => {});
  }

  /** Nothing can begin without the pictures: go on trying, and say so. */
  async #patiently(load) {
    for (;;) {
      try {
        return await load();
      } catch {
        this.wait.textContent = this.data.texts.noPicture;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }
}
