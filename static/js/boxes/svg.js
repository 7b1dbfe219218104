/** Shapes on a photograph, in its pixels. */

import { middle } from "./box.js";

const SVG = "http://www.w3.org/2000/svg";

export function shape(name, attributes = {}, parent = null) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

export function place(rect, { left, top, right, bottom, angle }) {
  const { x, y } = middle({ left, top, right, bottom });
  const values = { x: left, y: top, width: right - left, height: bottom - top };
  for (const [key, value] of Object.entries(values)) rect.setAttribute(key, value);
  rect.setAttribute("transform", `rotate(${angle ?? 0} ${x} ${y})`);
}
