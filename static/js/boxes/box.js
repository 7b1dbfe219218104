/**
 * A box on a photograph: {left, top, right, bottom, angle} in its pixels, turned clockwise by
 * `angle` degrees about its centre. Nothing here is changed in place, and nothing is shown.
 */

export const SMALLEST = 8;
/** Degrees to which a box that is turned by hand snaps. */
const STEP = 0.5;
const NEARLY_STRAIGHT = 1;

export function middle({ left, top, right, bottom }) {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

export function sizeOf({ left, top, right, bottom }) {
  return { width: right - left, height: bottom - top };
}

export function same(one, other) {
  if (!one || !other) return one === other;
  return ["left", "top", "right", "bottom", "angle"].every((name) => one[name] === other[name]);
}

/** A vector as the turned box sees it. */
function unturned({ x, y }, angle) {
  const turn = (angle * Math.PI) / 180;
  const [along, across] = [Math.cos(turn), Math.sin(turn)];
  return { x: x * along + y * across, y: y * along - x * across };
}

function around({ x, y }, width, height, angle) {
  const left = Math.round(x - width / 2);
  const top = Math.round(y - height / 2);
  return { left, top, right: left + width, bottom: top + height, angle };
}

/** Where the box may be: a straight one on the photograph, of a turned one the centre. */
export function within(box, photograph) {
  const { width, height } = sizeOf(box);
  const { x, y } = middle(box);
  const kept = (value, room) => Math.min(Math.max(value, 0), room);
  if (box.angle) {
    const moved = { x: kept(x, photograph.width), y: kept(y, photograph.height) };
    return around(moved, width, height, box.angle);
  }
  const [wide, high] = [Math.min(width, photograph.width), Math.min(height, photograph.height)];
  const left = kept(box.left, photograph.width - wide);
  const top = kept(box.top, photograph.height - high);
  return { left, top, right: left + wide, bottom: top + high, angle: 0 };
}

export function moved(box, dx, dy, photograph) {
  const [x, y] = [Math.round(dx), Math.round(dy)];
  const there = {
    ...box, left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y,
  };
  return within(there, photograph);
}

/**
 * The box with an edge or corner at a point of the photograph; the opposite one stays.
 * `handle` is {x, y}, each -1, 0 or 1: {x: 1, y: 0} is the right edge.
 */
export function pulled(box, handle, point, photograph) {
  const { width, height } = sizeOf(box);
  const centre = middle(box);
  const at = unturned({ x: point.x - centre.x, y: point.y - centre.y }, box.angle);
  const across = stretched(width, handle.x, at.x);
  const down = stretched(height, handle.y, at.y);
  const shift = unturned({ x: across.shift, y: down.shift }, -box.angle);
  const there = { x: centre.x + shift.x, y: centre.y + shift.y };
  const stretchedBox = around(there, across.length, down.length, box.angle);
  return box.angle ? within(stretchedBox, photograph) : clipped(stretchedBox, photograph);
}

function stretched(length, side, at) {
  if (!side) return { length, shift: 0 };
  const wanted = Math.max(SMALLEST, Math.round(length / 2 + side * at));
  return { length: wanted, shift: (side * (wanted - length)) / 2 };
}

/** The part of a straight box that lies on the photograph. */
export function clipped(box, photograph) {
  const left = Math.max(0, Math.min(box.left, photograph.width - SMALLEST));
  const top = Math.max(0, Math.min(box.top, photograph.height - SMALLEST));
  const right = Math.min(photograph.width, Math.max(box.right, left + SMALLEST));
  const bottom = Math.min(photograph.height, Math.max(box.bottom, top + SMALLEST));
  return { left, top, right, bottom, angle: 0 };
}

/** The box turned so that the middle of its upper edge looks at a point. */
export function turnedTo(box, point, photograph) {
  const centre = middle(box);
  const seen = Math.atan2(point.x - centre.x, centre.y - point.y);
  return turned(box, (seen * 180) / Math.PI, photograph);
}

export function turned(box, angle, photograph) {
  const whole = ((((angle + 180) % 360) + 360) % 360) - 180;
  const stepped = Math.round(whole / STEP) * STEP;
  return within({ ...box, angle: Math.abs(stepped) < NEARLY_STRAIGHT ? 0 : stepped }, photograph);
}

/** The straight box between two points. */
export function drawn(from, to, photograph) {
  const [left, right] = [from.x, to.x].sort((a, b) => a - b).map(Math.round);
  const [top, bottom] = [from.y, to.y].sort((a, b) => a - b).map(Math.round);
  return clipped({ left, top, right, bottom, angle: 0 }, photograph);
}
