"""Pictures at the edge: decode once into (H, W, 3) uint8 RGB, refuse what is no usable photo, encode PNG whole.

EXIF orientation is applied, alpha composited on white, 16-bit and CMYK converted; animations give their first frame.
"""

import hashlib
import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from dlcr.core.errors import PhotoError
from dlcr.core.files import write_bytes
from dlcr.core.values import Box

MAX_PIXELS = 50_000_000
"""Photos above this are refused before decoding (a decompression bomb needs only a header)."""
MAX_BYTES = 100_000_000
MIN_SIDE = 16
EXTENSIONS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"})
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF")
"""What is opened; multi-picture JPEGs (MPO) are JPEGs to Pillow."""


def read_photo(path: Path | str) -> np.ndarray:
    """Decode a picture file to (H, W, 3) uint8 RGB; PhotoError names the file, the reason and the remedy."""
    with _file(path) as stream, _plain_errors(str(path)):
        return to_rgb(_opened(io.BytesIO(stream.read()), str(path)))


def decode(data: bytes, name: str = "picture") -> np.ndarray:
    """Decode bytes to (H, W, 3) uint8 RGB; PhotoError names `name`, the reason and the remedy."""
    with _plain_errors(name):
        return to_rgb(_opened(io.BytesIO(data), name))


def photo_size(path: Path | str) -> tuple[int, int]:
    """Width and height as stored, from the header alone; PhotoError where `read_photo` refuses the size or kind."""
    with _file(path) as stream, _plain_errors(str(path)):
        return _opened(stream, str(path)).size


def _file(path: Path | str) -> IO[bytes]:
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise PhotoError(f"{path} is larger than {MAX_BYTES // 10**6} MB.", "Save it smaller.")
        return open(path, "rb")
    except OSError as error:
        raise PhotoError(f"cannot read {path}: {(error.strerror or str(error)).lower()}.", "Check the path.") from error


def _opened(stream: IO[bytes], name: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(stream, formats=FORMATS)
    width, height = image.size
    if width * height > MAX_PIXELS:
        limit = f"{MAX_PIXELS // 10**6} megapixels"
        raise PhotoError(f"{name} has {width} x {height} pixels, more than {limit}.", "Save it smaller.")
    if min(width, height) < MIN_SIDE:
        remedy = f"A photo needs at least {MIN_SIDE} on each side."
        raise PhotoError(f"{name} has only {width} x {height} pixels.", remedy)
    return image


@contextmanager
def _plain_errors(name: str) -> Iterator[None]:
    """Pillow's many ways to give up, as PhotoErrors that name the picture."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise PhotoError(f"{name} has too many pixels to decode safely.", "Save it smaller.") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name} is not a picture this program reads.", "Use JPEG, PNG, WebP, BMP or TIFF.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise PhotoError(f"{name} is damaged: {error}.", "Copy or export the picture again.") from error


def to_rgb(image: Image.Image) -> np.ndarray:
    """Any Pillow image to (H, W, 3) uint8 RGB: first frame, EXIF orientation, 16 bit to 8, alpha on white."""
    image.seek(0)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, np.float64)
        # "I" holds 8 or 16 bits, and does not say which
        wide = image.mode.startswith("I;16") or (image.mode == "I" and values.max(initial=0) > 255)
        scale = 257.0 if wide else 1.0
        gray = np.clip(np.round(values / scale), 0, 255).astype(np.uint8)
        return np.repeat(gray[..., None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.array(image.convert("RGB"))


def png_bytes(array: np.ndarray, text: Mapping[str, str] | None = None) -> bytes:
    """PNG of (H, W, 3) uint8, (H, W) uint8 or (H, W) bool (255 = True), with text chunks; same input, same bytes."""
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    info = PngImagePlugin.PngInfo()
    for key, value in (text or {}).items():
        info.add_itxt(key, value)
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG", pnginfo=info, compress_level=4)
    return stream.getvalue()


def jpeg_bytes(array: np.ndarray, quality: int = 90) -> bytes:
    """JPEG of (H, W, 3) or (H, W) uint8, for looking at: a twentieth of a PNG's time and a fifth of its bytes."""
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def write_png(path: Path, array: np.ndarray, text: Mapping[str, str] | None = None) -> Path:
    """Write `png_bytes(array, text)` whole or not at all."""
    return write_bytes(path, png_bytes(array, text))


def read_mask(path: Path | str, shape: tuple[int, int] | None = None) -> np.ndarray:
    """A mask PNG to (H, W) bool, True where brighter than 127; `shape` must agree if given."""
    mask: np.ndarray = read_photo(path).max(axis=2) > 127
    if shape is not None and mask.shape != tuple(shape):
        raise PhotoError(
            f"the mask {path} has {mask.shape[1]} x {mask.shape[0]} pixels, the photo {shape[1]} x {shape[0]}.",
            "Give a mask of the photo's own size.",
        )
    return mask


def resize(array: np.ndarray, width: int, height: int, nearest: bool = False) -> np.ndarray:
    """Resize (H, W[, 3]) uint8 or bool; Lanczos for pictures, nearest for labels and masks."""
    if array.shape[:2] == (height, width):
        return array
    kind = Image.Resampling.NEAREST if nearest or array.dtype == bool else Image.Resampling.LANCZOS
    out = np.array(Image.fromarray(array).resize((width, height), kind))
    return out.astype(array.dtype)


def fit(array: np.ndarray, longest: int) -> np.ndarray:
    """Shrink so that the longer side is at most `longest`; never enlarges."""
    height, width = array.shape[:2]
    scale = longest / max(height, width)
    return array if scale >= 1 else resize(array, max(1, round(width * scale)), max(1, round(height * scale)))


def veiled(array: np.ndarray, box: Box, across: int) -> np.ndarray:
    """`box` of a picture (H, W, 3) uint8 as so few soft spots, `across` in a row, that no detail is left; the rest as it is."""
    height, width = array.shape[:2]
    x0, y0, x1, y1 = max(0, box.x0), max(0, box.y0), min(width, box.x1), min(height, box.y1)
    out = array.copy()
    if x0 < x1 and y0 < y1:
        part = Image.fromarray(np.ascontiguousarray(array[y0:y1, x0:x1]))
        spots = (across, max(1, round(across * (y1 - y0) / (x1 - x0))))
        small = part.resize(spots, Image.Resampling.BOX)
        out[y0:y1, x0:x1] = np.asarray(small.resize(part.size, Image.Resampling.BILINEAR))
    return out


def digest(array: np.ndarray) -> str:
    """First 16 hex digits of SHA-256 over shape, dtype and bytes: the name of a mask or photo in lineage."""
    head = f"{array.shape}{array.dtype}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
