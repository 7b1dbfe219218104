"""What a page must never do, seen over the shoulder of whoever uses it."""

import base64

import numpy as np
from playwright.sync_api import ConsoleMessage, Error, FilePayload, Page, Response

from ml.imaging.arrays import Mask, Pixels
from ml.imaging.read import encode_png, read_png


class Watch:
    """Collects errors of scripts and of the server; a test may say which ones it causes itself."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.expected: list[str] = []

    def expect(self, *texts: str) -> None:
        self.expected.extend(texts)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", self._page_error)
        page.on("response", self._response)

    @property
    def surprises(self) -> list[str]:
        return [
            problem
            for problem in self.problems
            if not any(text in problem for text in self.expected)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _page_error(self, error: Error) -> None:
        self.problems.append(f"script: {error}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"server: {response.status} {response.url}")


def canvas_pixels(page: Page, selector: str) -> Pixels:
    """What a canvas shows at this moment, (height, width, 3)."""
    url = page.eval_on_selector(selector, "canvas => canvas.toDataURL('image/png')")
    return read_png(base64.b64decode(url.partition(",")[2]))


def share_of_blue(page: Page, selector: str = "#stage") -> float:
    """How much of a canvas is the pure blue that the background is filled with."""
    return float(np.all(canvas_pixels(page, selector) == (0, 0, 255), axis=2).mean())


def share_of_green(page: Page, selector: str) -> float:
    """How much of a canvas is the green of what one of two masks has alone."""
    return float(np.all(canvas_pixels(page, selector) == (32, 208, 80), axis=2).mean())


def png_file(picture: Mask | Pixels, name: str = "mask.png") -> FilePayload:
    """A picture as a file for `set_input_files`."""
    return {
        "name": name,
        "mimeType": "image/png",
        "buffer": encode_png(picture),
    }
