/** Brings the sitting to the page: picture, strip, column, empty page; loads what comes next. */

const BEHIND = 3;
const AGAIN = 3000;

export class Desk {
  #painted = "";

  /** With `compares` the outline of the newest model's mask lies over the label. */
  constructor({ line, pictures, stage, look, strip, column, parts, texts, compares = false }) {
    Object.assign(this, { line, pictures, stage, look, strip, column, parts, texts, compares });
  }

  /** Show the present state; called after every change. */
  show() {
    const { line, look, parts } = this;
    const sight = line.current;
    this.strip.show(sight, line.counts);
    this.column.show(sight);
    this.#ways(look);
    parts.decisions.disabled = !sight;
    parts.empty.hidden = Boolean(sight) || line.isLoading || Boolean(line.trouble);
    parts.work.hidden = !parts.empty.hidden;
    this.#paint(sight);
    this.#loadAhead();
  }

  /** What is in view, as addresses. */
  wanted(sight) {
    const { crop } = sight.item;
    return { picture: crop.picture, mask: sight.mask?.mask ?? null, over: this.#over(sight)?.mask };
  }

  #over({ item, mask }) {
    if (!this.compares || mask?.kind !== "version") return null;
    const models = item.candidates.filter(({ origin }) => origin.startsWith("model:"));
    return models.sort((one, other) => other.id - one.id)[0] ?? null;
  }

  async sharpen() {
    const sight = this.line.current;
    const { crop } = sight?.item ?? {};
    const size = crop && this.pictures.size(crop.picture);
    if (!size || this.stage.view.scale <= 1 || crop.width <= size.width) return;
    const over = this.#over(sight)?.mask_full;
    const wanted = { picture: crop.full, mask: sight.mask?.mask_full ?? null, over };
    const look = this.look.name;
    await this.pictures.load(wanted);
    if (sight !== this.line.current || look !== this.look.name) return;
    if (wanted.mask !== (sight.mask?.mask_full ?? null)) return;
    this.stage.show(this.pictures.composed(wanted, look), size, look);
  }

  #ways({ fill, isMask }) {
    this.parts.fill.dataset.fill = fill;
    for (const choice of this.parts.fills) {
      choice.setAttribute("aria-pressed", String(choice.dataset.fill === fill));
    }
    this.parts.fillName.textContent = this.texts.fills[fill];
    this.parts.maskButton.setAttribute("aria-pressed", String(isMask));
  }

  #paint(sight) {
    const look = this.look.name;
    const { canvas } = this.stage;
    if (!sight || !this.pictures.isReady(this.wanted(sight))) {
      this.stage.clear(look);
      this.parts.wait.textContent = this.texts.loading;
      this.parts.wait.hidden = !sight;
      this.#painted = "";
      return;
    }
    this.parts.wait.hidden = true;
    const wanted = this.wanted(sight);
    const key = `${look} ${wanted.picture} ${wanted.mask} ${wanted.over}`;
    if (key === this.#painted) return;
    this.#painted = key;
    const size = this.pictures.size(wanted.picture);
    const shown = wanted.mask ? look : "original";
    this.stage.show(this.pictures.composed(wanted, look), size, shown);
    canvas.dataset.specimen = sight.item.id;
    canvas.setAttribute("aria-label", `${sight.item.key} · ${sight.mask?.title ?? ""}`);
    if (!this.stage.view.fitted) this.sharpen();
  }

  /** First what is needed to show the next specimens, then the other masks of each. */
  async #loadAhead() {
    const { sights, index, ahead } = this.line;
    const kept = [...sights.slice(Math.max(0, index - BEHIND), index), ...ahead];
    this.pictures.keepOnly(new Set(kept.flatMap(addresses)));
    const urgent = ahead.map((sight, place) =>
      this.pictures.load(this.wanted(sight), place ? "auto" : "high").then(
        () => this.#ready(sight),
        () => this.#failed(sight),
      ),
    );
    await Promise.allSettled(urgent);
    for (const sight of ahead) {
      for (const wanted of choices(sight)) {
        if (this.line.ahead.includes(sight)) await this.#loadQuietly(wanted);
      }
      if (sight === this.line.current) this.column.paint();
    }
  }

  #loadQuietly(wanted) {
    return Promise.allSettled([this.pictures.load(wanted, "low")]);
  }

  /** Compose before it is asked for, so that the key press has only to draw. */
  #ready(sight) {
    if (sight === this.line.current) {
      this.#paint(sight);
      this.column.paint();
    } else if (this.line.ahead.includes(sight)) {
      this.pictures.composed(this.wanted(sight), this.look.name);
    }
  }

  #failed(sight) {
    if (sight !== this.line.current) return;
    this.parts.wait.textContent = this.texts.noPicture;
    setTimeout(() => sight === this.line.current && this.show(), AGAIN);
  }
}

function choices({ item, masks }) {
  return masks.map(({ mask }) => ({ picture: item.crop.picture, mask }));
}

function addresses({ item, masks }) {
  const own = masks.flatMap(({ mask, mask_full }) => [mask, mask_full]);
  return [item.crop.picture, item.crop.full, ...own];
}
