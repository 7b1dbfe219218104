/** Moving a drawn stage by whole pixels, after which only strips at its sides are to be drawn. */

/** How far in pixels, where that is nearly a whole number: sums of fractions are not exact. */
export function nearlyWhole(distance) {
  const rounded = Math.round(distance);
  return Math.abs(distance - rounded) < 1e-6 ? rounded : distance;
}

export function isShift(dx, dy) {
  return Number.isInteger(dx) && Number.isInteger(dy) && (dx !== 0 || dy !== 0);
}

/** The areas of a stage {width, height} that a shift leaves open. */
export function exposed({ width, height }, dx, dy) {
  const [across, down] = [Math.min(width, Math.abs(dx)), Math.min(height, Math.abs(dy))];
  const areas = [
    { x: dx > 0 ? 0 : width - across, y: 0, width: across, height },
    { x: 0, y: dy > 0 ? 0 : height - down, width, height: down },
  ];
  return areas.filter((area) => area.width > 0 && area.height > 0);
}

/** What two areas have in common; without width or height where that is nothing. */
export function shared(one, other) {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(one.x + one.width, other.x + other.width) - x),
    height: Math.max(0, Math.min(one.y + one.height, other.y + other.height) - y),
  };
}
