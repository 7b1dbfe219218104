/** Where a picture lies on its stage: scale and offset, zoom about a point, nothing drawn here. */

/** Stage pixels per pixel of the picture: 3200 %. */
const DEEPEST = 32;

export class View {
  scale = 1;
  x = 0;
  y = 0;
  fitted = true;
  #picture = { width: 1, height: 1 };
  #stage = { width: 1, height: 1 };

  /** A new picture or stage size; a view that the person did not change goes on fitting. */
  resize(picture, stage) {
    const same =
      picture.width === this.#picture.width && picture.height === this.#picture.height;
    this.#picture = { width: picture.width, height: picture.height };
    this.#stage = { width: stage.width, height: stage.height };
    if (this.fitted || !same) this.fit();
    else this.#keepInSight();
  }

  get smallest() {
    const { width, height } = this.#picture;
    return Math.min(this.#stage.width / width, this.#stage.height / height);
  }

  fit() {
    this.scale = this.smallest;
    this.x = (this.#stage.width - this.#picture.width * this.scale) / 2;
    this.y = (this.#stage.height - this.#picture.height * this.scale) / 2;
    this.fitted = true;
  }

  /** Zoom so that what lies under the stage point stays there. */
  zoomAt(stageX, stageY, factor) {
    const deepest = Math.max(DEEPEST, this.smallest); // a tiny picture fits larger than that
    const scale = Math.min(Math.max(this.scale * factor, this.smallest), deepest);
    if (scale === this.smallest) {
      this.fit();
      return;
    }
    this.x = stageX - ((stageX - this.x) * scale) / this.scale;
    this.y = stageY - ((stageY - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.#keepInSight();
  }

  pan(dx, dy) {
    if (this.fitted) return;
    this.x += dx;
    this.y += dy;
    this.#keepInSight();
  }

  /** Move so that a point of the picture lies in the middle of the stage. */
  centreOn({ x, y }) {
    const { width, height } = this.#stage;
    this.pan(width / 2 - (this.x + x * this.scale), height / 2 - (this.y + y * this.scale));
  }

  /** What of the picture the stage shows. */
  get visible() {
    const first = this.toPicture(0, 0);
    const last = this.toPicture(this.#stage.width, this.#stage.height);
    const [left, top] = [Math.max(0, first.x), Math.max(0, first.y)];
    const right = Math.min(this.#picture.width, last.x);
    return { left, top, right, bottom: Math.min(this.#picture.height, last.y) };
  }

  toPicture(stageX, stageY) {
    return { x: (stageX - this.x) / this.scale, y: (stageY - this.y) / this.scale };
  }

  /** A rectangle of the picture in stage pixels. */
  toStage({ left, top, right, bottom }) {
    const [x, y] = [this.x + left * this.scale, this.y + top * this.scale];
    return { x, y, width: (right - left) * this.scale, height: (bottom - top) * this.scale };
  }

  #keepInSight() {
    this.x = kept(this.x, this.#picture.width * this.scale, this.#stage.width);
    this.y = kept(this.y, this.#picture.height * this.scale, this.#stage.height);
  }
}

/** The middle of the stage always shows some of the picture. */
function kept(offset, length, room) {
  return Math.min(Math.max(offset, room / 2 - length), room / 2);
}
