/**
 * The tools of the editor. They know no document and work in picture coordinates:
 *
 * - `start(point, mods)`, `move(point, mods)` and `end(mods)` are a drag; each returns the rectangle
 *   of mask pixels that it changed, or null. `giveUp()`, where a tool has it, is called instead of
 *   `end` when the drag is to leave no trace; the caller puts the changed rectangles back.
 *   mods = {shift, alt, erase, detail, reach}: `erase` right button or eraser end of a pen, `detail`
 *   the click's number (2: double click), `reach` by how many picture pixels a handle may be missed.
 * - `overlay()` lists what to draw above the picture: {points, closed, handles}, {line, handles} or
 *   {cells, has(x, y), each(visit)}, where `each` visits rectangles (left, top, right, bottom).
 *   `hover(point, mods)` says where the pointer is while nothing is pressed; it returns the rectangle
 *   in which the overlay has changed, or null.
 * - `isOpen` while a shape of several clicks is unfinished: then `finish()` closes it, `back()` takes
 *   back its last point and `cancel()` drops it.
 *
 * Some need more than the mask: `wand.pixels` (RGBA bytes of the crop), `blocks.map` and
 * `superpixels.map` (a RegionMap each), `lasso.source` (the pixels of the mask to copy from). Until
 * they have it, they do nothing.
 */

import { BACKGROUND, SPECIMEN } from "../mask.js";
import { Blocks } from "./blocks.js";
import { Brush } from "./brush.js";
import { Bucket, Hole } from "./fill.js";
import { Lasso } from "./lasso.js";
import { Mirror } from "./mirror.js";
import { Polygon } from "./polygon.js";
import { Superpixels } from "./superpixels.js";
import { Wand } from "./wand.js";

export { BrushSize } from "./brush.js";

export function makeTools(mask, size) {
  return {
    brush: new Brush(mask, size, SPECIMEN),
    eraser: new Brush(mask, size, BACKGROUND),
    polygon: new Polygon(mask, SPECIMEN),
    cut: new Polygon(mask, BACKGROUND),
    bucket: new Bucket(mask),
    hole: new Hole(mask),
    wand: new Wand(mask),
    blocks: new Blocks(mask),
    superpixels: new Superpixels(mask, size),
    lasso: new Lasso(mask),
    mirror: new Mirror(mask),
  };
}
