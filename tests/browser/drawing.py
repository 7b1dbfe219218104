"""A hand in the editor: it works in pixels of the mask, and sees each pixel as it is shown."""

from typing import Literal

import numpy as np
from playwright.sync_api import Page, expect

from ml.imaging.arrays import Mask
from tests import factories
from tests.browser.watching import canvas_pixels

Button = Literal["left", "right"]
Point = tuple[float, float]

NEXT_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Drawing:
    """The open editor of a specimen that `factories` drew."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.is_ready()

    def is_ready(self) -> None:
        expect(self.page.locator("#wait")).to_be_hidden()

    def is_done(self) -> None:
        """No operation on the whole mask is under way."""
        expect(self.page.locator("#easel")).not_to_have_class("waiting")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def finest(self) -> None:
        """A brush of one pixel."""
        self.press(*["["] * 4)

    def click(self, *points: Point, button: Button = "left") -> None:
        for point in points:
            self.drag(point, button=button)

    def drag(self, *points: Point, button: Button = "left") -> None:
        """A gesture through points given in pixels of the mask."""
        mouse = self.page.mouse
        mouse.move(*self._place(points[0]))
        mouse.down(button=button)
        for point in points[1:]:
            mouse.move(*self._place(point), steps=3)
        mouse.up(button=button)

    def shown(self) -> Mask:
        """The mask as the picture shows it: all that is not covered with blue."""
        self.page.locator("[data-view=blue]").click()
        self.page.evaluate(NEXT_FRAMES)
        pixels = canvas_pixels(self.page, "#easel")
        across, down, scale = self._fitted(pixels.shape[1], pixels.shape[0])
        columns = (across + (np.arange(factories.WIDTH) + 0.5) * scale).astype(int)
        rows = (down + (np.arange(factories.HEIGHT) + 0.5) * scale).astype(int)
        is_blue = np.all(pixels[np.ix_(rows, columns)] == (0, 0, 255), axis=2)
        return np.where(is_blue, 0, 255).astype(np.uint8)

    def save_and_accept(self) -> None:
        self.press("Control+Enter")
        self.page.wait_for_url("**/review?show=open")

    def _place(self, point: Point) -> Point:
        box = self.page.locator("#easel").bounding_box()
        assert box is not None
        across, down, scale = self._fitted(box["width"], box["height"])
        return box["x"] + across + point[0] * scale, box["y"] + down + point[1] * scale

    @staticmethod
    def _fitted(width: float, height: float) -> tuple[float, float, float]:
        """Where the picture begins on a stage of this size, and how large it is shown."""
        scale = min(width / factories.WIDTH, height / factories.HEIGHT)
        return (
            (width - factories.WIDTH * scale) / 2,
            (height - factories.HEIGHT * scale) / 2,
            scale,
        )


def rectangle(left: int, top: int, right: int, bottom: int) -> Mask:
    mask = np.zeros((factories.HEIGHT, factories.WIDTH), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


def corners(left: int, top: int, right: int, bottom: int) -> list[Point]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
