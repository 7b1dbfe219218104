/**
 * Lines that a person would draw to put a region right: from the best place to begin always on to the
 * nearest place where there is enough to gain, never where the tool would do harm.
 */

const SEARCHED = 3000;

/**
 * `room(at)`: how far a point may move before harm is done there, below 0 where it may not be at all;
 * `gain(x, y)`: what the tool would put right there; `take(x, y)`: it has been there; `box`: where to
 * look; `step`: how finely; `enough`: the least gain worth going for. Points are pixels' centres.
 */
export function planLines({ width, room, gain, take, box, step, enough }) {
  const grid = new Grid(box, step, width, room);
  const lines = [];
  for (;;) {
    let place = grid.best(gain, enough);
    if (place < 0) return lines;
    const line = [];
    while (place >= 0) {
      const way = line.length ? grid.wayTo(place) : [place];
      for (const each of way) {
        const { x, y } = grid.point(each);
        take(x, y);
        line.push({ x: x + 0.5, y: y + 0.5, room: grid.room(each) });
      }
      place = grid.nearest(place, gain, enough);
    }
    lines.push(line);
  }
}

class Grid {
  constructor({ left, top, right, bottom }, step, width, room) {
    Object.assign(this, { left, top, step, width, roomAt: room });
    this.columns = Math.max(1, Math.ceil((right - left) / step));
    this.rows = Math.max(1, Math.ceil((bottom - top) / step));
    this.from = new Int32Array(this.columns * this.rows);
    const offset = Math.floor((step - 1) / 2);
    this.offset = { x: Math.min(offset, right - left - 1), y: Math.min(offset, bottom - top - 1) };
    this.right = right;
    this.bottom = bottom;
  }

  point(place) {
    const x = this.left + this.offset.x + (place % this.columns) * this.step;
    const y = this.top + this.offset.y + Math.floor(place / this.columns) * this.step;
    return { x: Math.min(x, this.right - 1), y: Math.min(y, this.bottom - 1) };
  }

  room(place) {
    const { x, y } = this.point(place);
    return this.roomAt(y * this.width + x);
  }

  best(gain, enough) {
    let [best, most] = [-1, enough];
    for (let place = 0; place < this.from.length; place += 1) {
      if (this.room(place) < 0) continue;
      const { x, y } = this.point(place);
      const here = gain(x, y);
      if (here < most) continue;
      [best, most] = [place, here + 1e-9];
    }
    return best;
  }

  /** Breadth first over where the tool may be; -1 when nothing worth it is near. */
  nearest(start, gain, enough) {
    this.from.fill(-1);
    this.from[start] = start;
    const queue = [start];
    for (let i = 0; i < queue.length && i < SEARCHED; i += 1) {
      const { x, y } = this.point(queue[i]);
      if (i > 0 && gain(x, y) >= enough) return queue[i];
      for (const next of this.#beside(queue[i])) {
        if (this.from[next] >= 0 || this.room(next) < 0) continue;
        this.from[next] = queue[i];
        queue.push(next);
      }
    }
    return -1;
  }

  /** The places from the start of the last search to this one, the start left out. */
  wayTo(place) {
    const way = [];
    for (let at = place; this.from[at] !== at; at = this.from[at]) way.unshift(at);
    return way;
  }

  *#beside(place) {
    const [column, row] = [place % this.columns, Math.floor(place / this.columns)];
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1]]) {
      const [x, y] = [column + dx, row + dy];
      if (x >= 0 && y >= 0 && x < this.columns && y < this.rows) yield y * this.columns + x;
    }
  }
}
