"""Pictures in every accepted kind of file, made from one seeded drawing."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import imagecodecs
import numpy as np
import tifffile
from PIL import Image

HEIGHT, WIDTH = 37, 53
ORIENTATION_TAG = 0x0112


def _colours() -> np.ndarray:
    coarse = np.random.default_rng(3).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


RGB = _colours()
LOW_BYTES = np.random.default_rng(4).integers(0, 256, RGB.shape, dtype=np.uint16)
RGB16 = RGB.astype(np.uint16) * 256 + LOW_BYTES
GREY, GREY16 = RGB[..., 0].copy(), RGB16[..., 0].copy()
ALPHA = np.random.default_rng(5).integers(0, 256, GREY.shape, dtype=np.uint8)
BILEVEL = GREY > 128
INDEXED = Image.fromarray(RGB).quantize(17)
CMYK = Image.fromarray(RGB).convert("CMYK")


@dataclass(frozen=True)
class Sample:
    """A file, the pixels it must give, and the notes that must come with them."""

    name: str
    data: bytes
    pixels: np.ndarray
    notes: tuple[str, ...] = ()


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    lossless = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    picture.save(stream, kind, **(lossless | options))
    return stream.getvalue()


def tiff(values: np.ndarray, **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def png(values: np.ndarray) -> bytes:
    return bytes(imagecodecs.png_encode(np.ascontiguousarray(values)))


def grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(values[..., None], 3, axis=2)


def oriented(kind: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return saved(Image.fromarray(RGB), kind, exif=exif)


def by_pillow(data: bytes) -> np.ndarray:
    """What an independent decoder makes of a lossy file."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG, whole and with right checksums, that says it is of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def _plain(kind: str) -> list[Sample]:
    return [
        Sample(f"{kind} rgb", saved(Image.fromarray(RGB), kind), RGB),
        Sample(f"{kind} grey", saved(Image.fromarray(GREY), kind), grey(GREY), ("grey-to-rgb",)),
        Sample(
            f"{kind} palette",
            saved(INDEXED, kind),
            np.asarray(INDEXED.convert("RGB")),
            ("palette-to-rgb",),
        ),
        Sample(
            f"{kind} black and white",
            saved(Image.fromarray(BILEVEL), kind),
            grey(BILEVEL * np.uint8(255)),
            ("grey-to-rgb",),
        ),
    ]


def _transparent(kind: str) -> list[Sample]:
    with_grey = Image.merge("LA", (Image.fromarray(GREY), Image.fromarray(ALPHA)))
    with_rgb = Image.fromarray(np.dstack((RGB, ALPHA)))
    return [
        Sample(f"{kind} rgb alpha", saved(with_rgb, kind), RGB, ("alpha-dropped",)),
        Sample(
            f"{kind} grey alpha",
            saved(with_grey, kind),
            grey(GREY),
            ("alpha-dropped", "grey-to-rgb"),
        ),
    ]


def _png() -> list[Sample]:
    rgba16 = np.dstack((RGB16, GREY16))
    key = saved(INDEXED, "PNG", transparency=3)
    animated = saved(
        Image.fromarray(RGB), "PNG", save_all=True, append_images=[Image.fromarray(255 - RGB)]
    )
    deep = ("16-bit-to-8-bit",)
    return [
        Sample("PNG grey 16", png(GREY16), grey(GREY), ("grey-to-rgb", *deep)),
        Sample("PNG rgb 16", png(RGB16), RGB, deep),
        Sample("PNG rgb alpha 16", png(rgba16), RGB, ("alpha-dropped", *deep)),
        Sample(
            "PNG palette with a transparent colour",
            key,
            np.asarray(INDEXED.convert("RGB")),
            ("alpha-dropped", "palette-to-rgb"),
        ),
        Sample("PNG animated", animated, RGB),
    ]


def _tiff() -> list[Sample]:
    planes = np.moveaxis(RGB, -1, 0).copy()
    twelve = RGB16 >> 4
    bilevel = Image.fromarray(BILEVEL)
    turned = "grey-to-rgb"
    return [
        *(
            Sample(f"TIFF rgb {how}", tiff(RGB, photometric="rgb", compression=how), RGB)
            for how in (None, "lzw", "zlib", "packbits", "zstd")
        ),
        Sample("TIFF tiles", tiff(RGB, photometric="rgb", tile=(16, 16)), RGB),
        Sample("TIFF planes", tiff(planes, photometric="rgb", planarconfig="separate"), RGB),
        Sample("TIFF big", tiff(RGB, photometric="rgb", bigtiff=True), RGB),
        Sample("TIFF rgb 16", tiff(RGB16, photometric="rgb"), RGB, ("16-bit-to-8-bit",)),
        Sample(
            "TIFF rgb 16 big-endian",
            tiff(RGB16, photometric="rgb", byteorder=">", compression="lzw", predictor=True),
            RGB,
            ("16-bit-to-8-bit",),
        ),
        Sample(
            "TIFF rgb 12",
            tiff(twelve, photometric="rgb", bitspersample=12),
            RGB,
            ("16-bit-to-8-bit",),
        ),
        Sample(
            "TIFF grey 16",
            tiff(GREY16, photometric="minisblack"),
            grey(GREY),
            (turned, "16-bit-to-8-bit"),
        ),
        Sample("TIFF white is 0", tiff(GREY, photometric="miniswhite"), grey(~GREY), (turned,)),
        Sample(
            "TIFF fax",
            saved(bilevel, "TIFF", compression="group4"),
            grey(BILEVEL * np.uint8(255)),
            (turned,),
        ),
        Sample("TIFF cmyk", saved(CMYK, "TIFF"), np.asarray(CMYK.convert("RGB")), ("cmyk-to-rgb",)),
        Sample(
            "TIFF of two pages",
            saved(
                Image.fromarray(RGB), "TIFF", save_all=True, append_images=[Image.fromarray(~RGB)]
            ),
            RGB,
        ),
    ]


def _lossy() -> list[Sample]:
    files = {
        "JPEG rgb": (saved(Image.fromarray(RGB), "JPEG"), ()),
        "JPEG progressive": (saved(Image.fromarray(RGB), "JPEG", progressive=True), ()),
        "JPEG stored as rgb": (saved(Image.fromarray(RGB), "JPEG", keep_rgb=True), ()),
        "JPEG grey": (saved(Image.fromarray(GREY), "JPEG"), ("grey-to-rgb",)),
        "JPEG cmyk": (saved(CMYK, "JPEG"), ("cmyk-to-rgb",)),
        "TIFF jpeg": (saved(Image.fromarray(RGB), "TIFF", compression="jpeg"), ()),
        "WebP lossy": (saved(Image.fromarray(RGB), "WEBP", lossless=False), ()),
    }
    return [Sample(name, data, by_pillow(data), notes) for name, (data, notes) in files.items()]


def _webp() -> list[Sample]:
    with_alpha = Image.fromarray(np.dstack((RGB, ALPHA)))
    animated = saved(
        Image.fromarray(RGB), "WEBP", save_all=True, append_images=[Image.fromarray(~RGB)]
    )
    return [
        Sample("WebP rgb", saved(Image.fromarray(RGB), "WEBP"), RGB),
        Sample("WebP rgb alpha", saved(with_alpha, "WEBP"), RGB, ("alpha-dropped",)),
        Sample("WebP animated", animated, RGB),
    ]


def _bmp() -> list[Sample]:
    blue_first = np.dstack((RGB[..., ::-1], ALPHA))
    with_alpha = cv2.imencode(".bmp", blue_first)[1].tobytes()
    return [Sample("BMP rgb alpha", with_alpha, RGB, ("alpha-dropped",))]


SAMPLES = [
    *(sample for kind in ("PNG", "TIFF", "BMP") for sample in _plain(kind)),
    *(sample for kind in ("PNG", "TIFF") for sample in _transparent(kind)),
    *_png(),
    *_tiff(),
    *_lossy(),
    *_webp(),
    *_bmp(),
]


def saved_jpeg(pixels: np.ndarray) -> bytes:
    return saved(Image.fromarray(pixels), "JPEG", quality=95)
