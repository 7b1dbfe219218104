"""The colours of a wing: ground, bands, lines, spots, veins and scales."""

import cv2
import numpy as np

from ml.imaging.arrays import Colour, Mask
from ml.imaging.drawn.curves import Field, Piece, Points, clouds, smooth_step, stroked
from ml.imaging.drawn.palettes import Palette
from ml.imaging.drawn.scheme import Scheme
from ml.imaging.drawn.wings import Wing


class _Canvas:
    """A wing while it is being painted."""

    def __init__(self, wing: Wing, scale: float) -> None:
        pad = 0.02
        low, high = wing.outline.min(axis=0) - pad, wing.outline.max(axis=0) + pad
        self.wing, self.scale, self.low = wing, scale, low
        width, height = np.ceil((high - low) * scale).astype(int)
        self.shape = (int(height), int(width))
        self.along, self.across = self._places()
        self.colours = np.empty((*self.shape, 3), np.float32)

    def _places(self) -> tuple[Field, Field]:
        """Return the way from root to margin, and from the apex (0) to the inner corner (1)."""
        step = 3
        rows = np.arange(0, self.shape[0] + step, step) / self.scale + self.low[1]
        columns = np.arange(0, self.shape[1] + step, step) / self.scale + self.low[0]
        x, y = columns[None] - self.wing.root[0], rows[:, None] - self.wing.root[1]
        rim = self.wing.even - self.wing.root
        angles = np.maximum.accumulate(np.arctan2(rim[:, 1], rim[:, 0]))
        angle = np.arctan2(y, x)
        reach = np.interp(angle, angles, np.hypot(rim[:, 0], rim[:, 1]))
        across = np.interp(angle, angles, np.linspace(0, 1, len(rim)))
        return self._full(np.hypot(x, y) / reach, step), self._full(across, step)

    def _full(self, coarse: Points, step: int) -> Field:
        matrix = np.array([[step, 0, 0], [0, step, 0]], np.float64)
        return np.asarray(
            cv2.warpAffine(coarse.astype(np.float32), matrix, self.shape[::-1],
                           borderMode=cv2.BORDER_REPLICATE)
        )  # fmt: skip

    def cell_phase(self) -> Field:
        """Return 1 midway between two veins and 0 on them."""
        phase = np.abs(np.sin(np.pi * self.wing.cells * self.across))
        return np.asarray(phase, np.float32)

    def pixels(self, points: Points) -> Points:
        return np.asarray((points - self.low) * self.scale)

    def at(self, along: float, across: float) -> Points:
        """Return the pixel at a place on the wing."""
        rim = self.wing.even[int(across * (len(self.wing.even) - 1))]
        return self.pixels(self.wing.root + along * (rim - self.wing.root))

    def wash(self, weight: Field, colour: Colour) -> None:
        for channel in range(3):
            plane = self.colours[..., channel]
            plane += weight * (colour[channel] - plane)

    def spot(self, centre: Points, radii: tuple[float, float], turn: float, colour: Colour,
             strength: float = 1.0) -> None:  # fmt: skip
        """Paint an ellipse; radii in pixels."""
        reach = int(max(radii)) + 3
        left, top = np.maximum(centre.astype(int) - reach, 0)
        part = (slice(top, top + 2 * reach), slice(left, left + 2 * reach))
        patch = self.colours[part]
        dot = np.zeros(patch.shape[:2], np.uint8)
        middle = tuple(int(v) for v in np.round((centre - (left, top)) * 16))
        axes = (max(1, round(radii[0] * 16)), max(1, round(radii[1] * 16)))
        cv2.ellipse(dot, middle, axes, turn, 0, 360, 255, -1, cv2.LINE_AA, 4)
        weight = cv2.GaussianBlur(dot, (3, 3), 0).astype(np.float32)[..., None] * (strength / 255)
        patch += weight * (np.array(colour, np.float32) - patch)


def painted(wing: Wing, palette: Palette, scheme: Scheme, scale: float, hind: bool,
            rng: np.random.Generator) -> Piece:  # fmt: skip
    """Return the wing with its colours, ``scale`` pixels to a fore wing's length."""
    canvas = _Canvas(wing, scale)
    wavy = _wavy(canvas, scheme, rng)
    _ground(canvas, palette, hind, rng)
    _bands(canvas, wavy, palette, scheme)
    if scheme.windows:
        _windows(canvas, wavy, palette, scheme, scheme.windows, rng)
    _marks(canvas, palette, scheme, hind)
    veins = _veins(canvas, 0.0085 if scheme.clear is None else 0.006)
    relief = 1 - 0.5 * scheme.veins * veins if scheme.clear is None else 1
    if scheme.clear is not None:
        canvas.wash(veins, palette.line)
    canvas.colours *= (relief * _scales(canvas, scheme, rng))[..., None]
    texture = np.clip(canvas.colours, 0, 255).astype(np.uint8)
    opacity = _opacity(canvas, scheme, veins)
    origin = (float(canvas.low[0]), float(canvas.low[1]))
    return Piece(wing.outline, texture, opacity, origin, scale)


def _wavy(canvas: _Canvas, scheme: Scheme, rng: np.random.Generator) -> Field:
    teeth = canvas.cell_phase()
    wave = clouds(rng, canvas.shape, 6)
    waved = canvas.along + scheme.zigzag * (teeth - 0.5) + scheme.wobble * 0.5 * wave
    return np.asarray(waved, np.float32)


def _ground(canvas: _Canvas, palette: Palette, hind: bool, rng: np.random.Generator) -> None:
    base = palette.hind if hind and palette.hind else palette.ground
    canvas.colours[:] = base
    tint = rng.uniform(0.3, 0.9) * (0.4 if hind else 1)
    canvas.wash(tint * smooth_step(canvas.along, rng.uniform(0.3, 0.7), 1.05), palette.tip)
    canvas.wash(0.5 * smooth_step(canvas.along, 0.3, 0.0), palette.body)
    mottle = np.clip(0.16 * clouds(rng, canvas.shape, 14), 0, 0.5)
    canvas.wash(mottle, palette.band)


def _bands(canvas: _Canvas, wavy: Field, palette: Palette, scheme: Scheme) -> None:
    soft = 0.012
    if scheme.band:
        middle, half = scheme.band
        away = np.abs(wavy - middle)
        canvas.wash(scheme.contrast * smooth_step(away, half + soft, half - soft), palette.band)
    for place in scheme.lines:
        away = np.abs(wavy - place)
        canvas.wash(0.8 * scheme.contrast * smooth_step(away, 0.016, 0.005), palette.line)
        canvas.wash(0.5 * scheme.contrast * smooth_step(np.abs(wavy - place - 0.022), 0.016, 0.004),
                    palette.band)  # fmt: skip
    if scheme.border:
        rim = smooth_step(wavy, 1 - scheme.border - soft, 1 - scheme.border + soft)
        colour = palette.accent if scheme.border_pale else palette.line
        canvas.wash(scheme.contrast * rim, colour)
    canvas.wash(0.7 * scheme.contrast * smooth_step(canvas.along, 0.975, 0.99), palette.line)
    canvas.wash(0.5 * smooth_step(canvas.along, 1.0, 1.01), palette.band)


def _marks(canvas: _Canvas, palette: Palette, scheme: Scheme, hind: bool) -> None:
    cells = canvas.wing.cells
    middles = (np.arange(cells) + 0.5) / cells
    unit = canvas.scale
    if scheme.dots:
        for across in middles:
            canvas.spot(canvas.at(0.945, across), (0.012 * unit,) * 2, 0, palette.line, 0.8)
    if scheme.kidney and not hind:
        _kidney(canvas, palette, scheme)
    if scheme.eye:
        _eye_spot(canvas, palette, scheme.eye, 0.85 if hind else 1.0)


def _windows(canvas: _Canvas, wavy: Field, palette: Palette, scheme: Scheme,
             row: tuple[float, float], rng: np.random.Generator) -> None:  # fmt: skip
    """Paint a row of spots, one between each two veins, larger towards one end of the row."""
    place, length = row
    cells = canvas.wing.cells
    sizes = np.linspace(1, rng.uniform(0.3, 1), cells) * rng.uniform(0.75, 1.1, cells)
    cell = np.clip(canvas.across * cells, 0, cells - 1).astype(int)
    swell = sizes.astype(np.float32)[cell]
    depth = canvas.cell_phase() - 0.25 - np.abs(wavy - place) / (length * swell)
    canvas.wash(scheme.contrast * smooth_step(depth, -0.08, 0.08), palette.accent)


def _heading(canvas: _Canvas, across: float) -> float:
    way = canvas.at(1, across) - canvas.at(0, across)
    return float(np.degrees(np.arctan2(way[1], way[0])))


def _kidney(canvas: _Canvas, palette: Palette, scheme: Scheme) -> None:
    unit = canvas.scale
    for place, wide, tall in ((0.56, 0.026, 0.05), (0.38, 0.024, 0.026)):
        centre, turn = canvas.at(place, 0.36), _heading(canvas, 0.36)
        canvas.spot(centre, (wide * unit, tall * unit), turn, palette.line, scheme.contrast)
        inner = (0.65 * wide * unit, 0.72 * tall * unit)
        canvas.spot(centre, inner, turn, palette.band, scheme.contrast)


def _eye_spot(canvas: _Canvas, palette: Palette, eye: tuple[float, float, float],
              size: float) -> None:  # fmt: skip
    place, across, radius = eye
    rings = ((1.0, palette.line), (0.86, palette.accent), (0.64, palette.band), (0.4, palette.line))
    centre = canvas.at(place, across)
    for share, colour in rings:
        reach = share * radius * size * canvas.scale
        canvas.spot(centre, (reach, reach * 0.88), 20, colour, 0.85)
    glint = centre - 0.16 * radius * size * canvas.scale
    canvas.spot(glint, (0.1 * radius * canvas.scale,) * 2, 0, (240, 240, 235), 0.8)


def _veins(canvas: _Canvas, width: float) -> Field:
    lines = [canvas.pixels(vein) for vein in canvas.wing.veins]
    return stroked(lines, width * canvas.scale, canvas.shape)


def _scales(canvas: _Canvas, scheme: Scheme, rng: np.random.Generator) -> Field:
    """Return the light and dark of scales, of folds between veins and of the wing's slope."""
    folds = np.cos(2 * np.pi * canvas.wing.cells * canvas.across).astype(np.float32)
    slope = 1.04 - 0.1 * canvas.across + 0.03 * folds * smooth_step(canvas.along, 0.35, 0.8)
    grain = clouds(rng, canvas.shape, 240) + 0.7 * clouds(rng, canvas.shape, 110)
    return np.asarray(slope + scheme.speckle * grain, np.float32)


def _opacity(canvas: _Canvas, scheme: Scheme, veins: Field) -> Mask:
    if scheme.clear is None:
        return np.full(canvas.shape, 255, np.uint8)
    border = smooth_step(canvas.along, 0.98 - scheme.border, 1.0 - scheme.border)
    base = smooth_step(canvas.along, 0.22, 0.08)
    solid = np.maximum(np.maximum(0.85 * border, 0.8 * base), 0.9 * veins)
    return np.asarray(255 * np.maximum(solid, scheme.clear), np.uint8)
