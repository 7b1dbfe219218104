/** Rectangles of whole pixels: {left, top, right, bottom}, the last two exclusive. */

export function isEmpty(rect) {
  return !rect || rect.right <= rect.left || rect.bottom <= rect.top;
}

export function united(one, other) {
  if (isEmpty(one)) return other;
  if (isEmpty(other)) return one;
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

export function within({ left, top, right, bottom }, width, height) {
  return {
    left: Math.max(0, left),
    top: Math.max(0, top),
    right: Math.min(width, right),
    bottom: Math.min(height, bottom),
  };
}

export function whole({ width, height }) {
  return { left: 0, top: 0, right: width, bottom: height };
}
