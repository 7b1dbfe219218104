/**
 * A map of regions (colour blocks, superpixels) under a crop. Its picture gives each pixel the number
 * R + 256 G of its region and may be smaller than the crop: a pixel of the crop belongs to the map's
 * pixel that its centre lies in. A piece is a connected part of a region.
 */

import { eachCovered } from "./capsule.js";
import { componentsOf } from "./components.js";
import { SPECIMEN } from "./mask.js";
import { isEmpty } from "./rect.js";

const IDS = 1 << 16;

export class RegionMap {
  /** `picture`: {width, height, data} with RGBA bytes, as ImageData; `crop`: {width, height}. */
  constructor({ width, height, data }, crop) {
    Object.assign(this, { width, height, crop });
    this.ids = new Uint16Array(width * height);
    this.ids.set(new Uint32Array(data.buffer, data.byteOffset, width * height)); // the low 16 bits
    this.pieces = new Int32Array(width * height);
    const runs = componentsOf({ width, height, data: this.ids });
    runs.places.forEach((piece, i) => this.pieces.fill(piece, runs.starts[i], runs.ends[i]));
    this.count = runs.count;
    this.boxes = { ids: new Boxes(IDS), pieces: new Boxes(runs.count) };
    runs.starts.forEach((start, i) => {
      const y = Math.floor(start / width);
      const [left, right] = [start - y * width, runs.ends[i] - y * width];
      this.boxes.ids.add(this.ids[start], left, right, y);
      this.boxes.pieces.add(runs.places[i], left, right, y);
    });
    this.columns = bordersOf(width, crop.width);
    this.rows = bordersOf(height, crop.height);
  }

  /** The number of the region under a point of the crop, or null beyond the crop. */
  idAt(x, y) {
    const place = this.#placeOf(x, y);
    return place === null ? null : this.ids[place];
  }

  /** The piece under a point, or, `everywhere`, all the region of which it is a part; or null. */
  at({ x, y }, everywhere = false) {
    const place = this.#placeOf(x, y);
    if (place === null) return null;
    return everywhere ? this.region(this.ids[place]) : this.piece(this.pieces[place]);
  }

  region(id) {
    return new Region(this, this.ids, id, this.boxes.ids.get(id));
  }

  piece(number) {
    return new Region(this, this.pieces, number, this.boxes.pieces.get(number));
  }

  /** Give a whole region one value; returns the rectangle of the mask that holds it, or null. */
  paint(mask, id, value) {
    return this.region(id).paint(mask, value);
  }

  /** Visit (piece, id) of what a round tip meets on its way between two points. */
  eachTouched(from, to, radius, visit) {
    const [across, down] = [this.width / this.crop.width, this.height / this.crop.height];
    const scaled = ({ x, y }) => ({ x: x * across, y: y * down });
    const ends = [scaled(from), scaled(to)];
    eachCovered(...ends, radius * across, this.width, this.height, (y, left, right) => {
      for (let x = left; x < right; x += 1) {
        visit(this.pieces[y * this.width + x], this.ids[y * this.width + x]);
      }
    });
    this.eachUnder(from, to, visit);
  }

  /** Visit (piece, id) of what lies under a line, in steps of half a pixel of the map. */
  eachUnder(from, to, visit) {
    const [across, down] = [this.width / this.crop.width, this.height / this.crop.height];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const steps = Math.ceil(2 * Math.max(Math.abs(across * dx), Math.abs(down * dy)));
    for (let step = 0; step <= steps; step += 1) {
      const part = steps ? step / steps : 1;
      const place = this.#placeOf(from.x + part * dx, from.y + part * dy);
      if (place !== null) visit(this.pieces[place], this.ids[place]);
    }
  }

  #placeOf(x, y) {
    const { crop, width, height } = this;
    if (!(x >= 0 && y >= 0 && x < crop.width && y < crop.height)) return null;
    const column = Math.floor(((Math.floor(x) + 0.5) * width) / crop.width);
    const row = Math.floor(((Math.floor(y) + 0.5) * height) / crop.height);
    return row * width + column;
  }
}

/** A region or a piece: the pixels of the map with one number. */
class Region {
  constructor(map, numbers, number, box) {
    Object.assign(this, { map, numbers, number, box });
    const { columns, rows } = map;
    this.cells = {
      left: columns[box.left],
      top: rows[box.top],
      right: columns[box.right],
      bottom: rows[box.bottom],
    };
  }

  has(x, y) {
    return this.map.at({ x, y }, this.numbers === this.map.ids)?.number === this.number;
  }

  /** Visit the rectangles (left, top, right, bottom) of the crop that make it up. */
  each(visit) {
    const { width, columns, rows } = this.map;
    for (let y = this.box.top; y < this.box.bottom; y += 1) {
      const [row, end] = [y * width, y * width + this.box.right];
      if (rows[y] === rows[y + 1]) continue;
      for (let at = row + this.box.left; at < end; at += 1) {
        if (this.numbers[at] !== this.number) continue;
        const start = at;
        while (at < end && this.numbers[at] === this.number) at += 1;
        const [left, right] = [columns[start - row], columns[at - row]];
        if (left < right) visit(left, rows[y], right, rows[y + 1]);
      }
    }
  }

  paint(mask, value) {
    if (isEmpty(this.cells)) return null;
    this.each((left, top, right, bottom) => {
      for (let y = top; y < bottom; y += 1) {
        mask.data.fill(value, y * mask.width + left, y * mask.width + right);
      }
    });
    return this.cells;
  }

  /** How much of it is specimen, 0 to 1. */
  share(mask) {
    let [specimen, all] = [0, 0];
    this.each((left, top, right, bottom) => {
      all += (right - left) * (bottom - top);
      for (let y = top; y < bottom; y += 1) {
        for (let at = y * mask.width + left; at < y * mask.width + right; at += 1) {
          if (mask.data[at] === SPECIMEN) specimen += 1;
        }
      }
    });
    return all ? specimen / all : 0;
  }
}

/** The rectangle round each of many regions, in pixels of the map. */
class Boxes {
  constructor(count) {
    this.items = new Uint16Array(4 * count);
  }

  add(number, left, right, y) {
    const at = 4 * number;
    const { items } = this;
    const isNew = items[at + 2] === 0;
    items[at] = isNew ? left : Math.min(items[at], left);
    items[at + 1] = isNew ? y : Math.min(items[at + 1], y);
    items[at + 2] = Math.max(items[at + 2], right);
    items[at + 3] = Math.max(items[at + 3], y + 1);
  }

  get(number) {
    const [left, top, right, bottom] = this.items.subarray(4 * number, 4 * number + 4);
    return { left, top, right, bottom };
  }
}

/** The first pixel of the crop, along one side, of each pixel of the map, and the end. */
function bordersOf(mapLength, cropLength) {
  const borders = new Int32Array(mapLength + 1).fill(cropLength);
  for (let at = cropLength - 1; at >= 0; at -= 1) {
    borders[Math.floor(((at + 0.5) * mapLength) / cropLength)] = at;
  }
  for (let place = mapLength - 1; place >= 0; place -= 1) {
    borders[place] = Math.min(borders[place], borders[place + 1]);
  }
  return borders;
}
