/**
 * What is laid over the picture, worked out for the pixels of the stage: blue on the background, or
 * a line along the edge of the mask. Colours are words as a canvas keeps them: alpha, blue, green,
 * red from the highest byte.
 *
 * `cells` is a level of the mask's pyramid; `place` says where it lies: {x, y} of its corner on the
 * stage, and the `size` of a cell in stage pixels. `area` is the part of the stage that is wanted.
 */

export const BLUE = 0xff0000;
export const EDGE = { inside: 0xff000000, outside: 0xffffffff };
export const GHOST = { inside: 0xff00337f, outside: 0xff00a5ff };

/** Cover the background with a colour, as strongly as said, 0 to 1. */
export function fillBackground(words, across, { cells, place, area, colour, strength }) {
  const shades = Uint32Array.from({ length: 256 }, (_, specimen) => {
    return ((Math.round((255 - specimen) * strength) << 24) | colour) >>> 0;
  });
  const columns = columnsOf(cells, place, area);
  for (let y = 0; y < area.height; y += 1) {
    const row = rowOf(cells, place, area.y + y);
    const start = y * across;
    for (let x = 0; x < area.width; x += 1) {
      words[start + x] = shades[cells.data[row + columns[x + 1]]];
    }
  }
}

/** Draw two lines, each a stage pixel wide, on both sides of the edge: one shows on any picture. */
export function drawEdge(words, across, { cells, place, area, inside, outside }) {
  const columns = columnsOf(cells, place, area);
  const seen = (y, row) => {
    const start = rowOf(cells, place, y);
    for (let x = 0; x < row.length; x += 1) row[x] = cells.data[start + columns[x]];
    return row;
  };
  let [above, here, below] = [0, 1, 2].map(() => new Uint8Array(area.width + 2));
  seen(area.y - 1, above);
  seen(area.y, here);
  for (let y = 0; y < area.height; y += 1) {
    seen(area.y + y + 1, below);
    const start = y * across - 1;
    for (let x = 1; x <= area.width; x += 1) {
      const [up, down, left, right] = [above[x], below[x], here[x - 1], here[x + 1]];
      if (here[x] === 255) {
        words[start + x] = (up & down & left & right) === 255 ? 0 : inside;
      } else {
        const isBeside = up === 255 || down === 255 || left === 255 || right === 255;
        words[start + x] = here[x] > 0 || isBeside ? outside : 0;
      }
    }
    [above, here, below] = [here, below, above];
  }
}

/** The column of cells under each pixel of the area, and of one more on either side. */
function columnsOf({ width }, { x, size }, area) {
  return Int32Array.from({ length: area.width + 2 }, (_, place) =>
    cellAt(area.x + place - 1, x, size, width),
  );
}

/** Where the cells begin that lie under a row of the stage. */
function rowOf({ width, height }, { y, size }, stageY) {
  return cellAt(stageY, y, size, height) * width;
}

/** A pixel shows what lies under its middle; beyond the picture its border goes on. */
function cellAt(pixel, origin, size, count) {
  return Math.min(Math.max(0, Math.floor((pixel + 0.5 - origin) / size)), count - 1);
}
