/** Everything a mask is drawn with: easel, hand, tools, maps, other masks, and the work itself. */

import { pixelsOf } from "../images.js";
import { Cursor } from "./cursor.js";
import { Easel } from "./easel.js";
import { encodeMask } from "./files.js";
import { Hand } from "./hand.js";
import { Heavy } from "./heavy.js";
import { Maps } from "./maps.js";
import { Mask } from "./mask.js";
import { MiniMap } from "./minimap.js";
import { Others } from "./others.js";
import { Overlay } from "./overlay.js";
import { Toolbox } from "./toolbox.js";
import { BrushSize, makeTools } from "./tools/index.js";
import { Views } from "./views.js";
import { Work } from "./work.js";

export class Studio {
  #side = "left";

  /** `onChange(rect)` hears of every step of the work, `announce(text)` says something. */
  constructor({ at, data, start, announce, onChange }) {
    Object.assign(this, { data, start, announce });
    const { crop, texts } = data;
    this.mask = new Mask(crop.width, crop.height, start.pixels);
    this.easel = new Easel(at("easel"), start.bitmap, this.mask);
    this.size = new BrushSize();
    this.tools = makeTools(this.mask, this.size);
    this.work = new Work({
      mask: this.mask,
      easel: this.easel,
      heavy: new Heavy(),
      onChange: (rect) => onChange(rect),
    });
    this.maps = new Maps({ specimenId: data.specimen, crop, onChange: () => this.#mapsChanged() });
    const cursor = new Cursor(at("cursor"));
    this.hand = this.#makeHand(cursor);
    this.overlay = new Overlay(at("overlay"), {
      easel: this.easel,
      shapes: () => this.hand.current.overlay?.() ?? [],
      regions: () => (this.hand.tool === "blocks" ? this.maps.current?.outlines : null),
    });
    this.miniMap = new MiniMap(at("minimap"), this.easel);
    const { hand, size, easel, maps } = this;
    const tied = { root: at("tools"), options: at("options"), storage: localStorage };
    const onPick = (name) => this.#picked(name);
    this.toolbox = new Toolbox({ ...tied, hand, size, easel, cursor, maps, texts, onPick });
    this.views = new Views(at("views"), at("zoom"), { easel, storage: localStorage });
    easel.onDrawn((rect) => rect || this.toolbox.showTip());
    this.others = new Others(at("others"), {
      texts,
      crop,
      onChoose: (pixels) => this.#chose(pixels),
      onTake: (pixels) => this.work.replace(pixels),
      onTrouble: () => announce(texts.noMask),
    });
    this.tools.lasso.onSourceless = () => announce(texts.sourceless);
    this.#picked(hand.tool);
    this.toolbox.show();
  }

  /** Fetch now what is needed later: while drawing, the server may be away. */
  makeReady() {
    const nothing = new Mask(1, 1);
    for (const warm of [this.work.heavy.run("keepLargest", nothing), encodeMask(nothing)]) {
      warm.catch(() => {});
    }
    return this.maps.load();
  }

  get isOpen() {
    return Boolean(this.hand.current.isOpen);
  }

  pick(tool) {
    if (this.hand.isDrawing) return;
    if (tool === "blocks" && this.hand.tool === "blocks") this.maps.next();
    else this.toolbox.pick(tool);
    this.overlay.draw();
  }

  undo() {
    if (this.hand.isDrawing || this.hand.isLocked) return;
    if (this.isOpen) this.back();
    else this.work.undo();
  }

  redo() {
    if (!this.hand.isDrawing && !this.hand.isLocked) this.work.redo();
  }

  /** The last point of an open shape. */
  back() {
    if (!this.isOpen) return;
    this.hand.current.back();
    this.overlay.draw();
  }

  /** Close the open shape; with the axis in hand, mirror once more. */
  finish() {
    if (this.hand.tool === "mirror") this.mirror(this.#side);
    if (!this.isOpen || this.hand.isDrawing) return;
    const rect = this.hand.current.finish();
    this.easel.changed(rect);
    this.work.finish(rect);
    this.overlay.draw();
  }

  cancel() {
    this.hand.current.cancel?.();
    this.overlay.draw();
  }

  mirror(side) {
    this.#side = side;
    return this.run("mirror", this.tools.mirror.axis, side);
  }

  /** An operation on the whole mask; the hand waits for it. */
  async run(name, ...args) {
    if (this.hand.isLocked || this.hand.isDrawing) return;
    const { texts } = this.data;
    this.hand.isLocked = true;
    this.easel.canvas.classList.add("waiting");
    try {
      if (!(await this.work.run(name, ...args))) this.announce(texts.nothingChanged);
    } catch {
      this.announce(texts.notDone);
    } finally {
      this.hand.isLocked = false;
      this.easel.canvas.classList.remove("waiting");
    }
  }

  pan(isPanning) {
    this.hand.isPanning = isPanning;
    this.easel.canvas.classList.toggle("panning", isPanning);
  }

  #makeHand(cursor) {
    return new Hand({
      easel: this.easel,
      tools: this.tools,
      cursor,
      onStroke: (rect) => this.work.finish(rect),
      onGiveUp: (rect) => this.work.giveUp(rect),
      onView: () => this.easel.draw(),
      onOverlay: () => this.overlay.draw(),
      onDrag: () => this.hand.tool === "wand" && this.toolbox.show(),
      onWheel: (factor) => this.toolbox.scale(factor),
    });
  }

  #picked(tool) {
    const { wand, lasso } = this.tools;
    if (tool === "wand" && !wand.words) wand.pixels = pixelsOf(this.start.bitmap).data;
    if (tool === "lasso" && !lasso.source) this.others?.suggest(this.data.start);
    if (this.maps.trouble && ["blocks", "superpixels"].includes(tool)) this.maps.load();
  }

  #chose(pixels) {
    const { width, height } = this.mask;
    this.tools.lasso.source = pixels;
    this.easel.ghost(pixels && { width, height, data: pixels });
    this.toolbox.show();
  }

  #mapsChanged() {
    this.tools.blocks.map = this.maps.current?.map ?? null;
    this.tools.superpixels.map = this.maps.superpixels?.map ?? null;
    this.toolbox.show();
    this.overlay.draw();
  }
}
