/**
 * Everything within a Euclidean distance, exactly: first how far the value is up or down its column
 * (Meijster, Roerdink and Hesselink 2000, phase 1), then each column reaches as far along the row as
 * the circle allows. Two sweeps each, whatever the distance.
 */

/** `value` takes over each pixel whose centre is at most px from the centre of one that has it. */
export function spread({ width, height, data }, px, value) {
  const far = Math.floor(Math.max(px, 0)) + 1;
  const distances = columnDistances(data, width, height, value, far);
  const reaches = Int32Array.from({ length: far + 1 }, (_, distance) =>
    distance < far ? Math.floor(Math.sqrt(px * px - distance * distance)) : -1,
  );
  const out = data.slice();
  for (let y = 0; y < height; y += 1) {
    const [start, end] = [y * width, (y + 1) * width];
    let reached = start - 1;
    for (let at = start; at < end; at += 1) {
      const reach = at + reaches[distances[at]];
      if (reach > reached) reached = reach;
      if (at <= reached) out[at] = value;
    }
    reached = end;
    for (let at = end - 1; at >= start; at -= 1) {
      const reach = at - reaches[distances[at]];
      if (reach < reached) reached = reach;
      if (at >= reached) out[at] = value;
    }
  }
  return out;
}

/** Rows to the nearest pixel of this column that has the value, at most `far`. */
function columnDistances(data, width, height, value, far) {
  const distances = new Uint16Array(data.length);
  for (let at = 0; at < data.length; at += 1) {
    const above = at < width ? far : distances[at - width] + 1;
    distances[at] = data[at] === value ? 0 : Math.min(above, far);
  }
  for (let at = (height - 1) * width - 1; at >= 0; at -= 1) {
    const below = distances[at + width] + 1;
    if (below < distances[at]) distances[at] = below;
  }
  return distances;
}
