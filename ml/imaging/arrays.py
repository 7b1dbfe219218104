"""The two kinds of array that everything here is made of."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3), uint8, RGB 0…255, rows from the top, as stored in the file."""

Mask = NDArray[np.uint8]
"""Shape (height, width), uint8: 255 specimen, 0 background."""

Colour = tuple[int, int, int]
"""Red, green, blue, each 0…255."""

SPECIMEN = 255
BACKGROUND = 0
