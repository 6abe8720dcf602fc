"""Pixels for training batches: the fastest decoder that gives the same pixels, and a cache of them on disk."""

import os
from pathlib import Path

import numpy as np
import simplejpeg

from dlcr.core.errors import PhotoError
from dlcr.core.files import make_folder, write_error
from dlcr.core.images import decode, resize

HEAD = 65_536
"""Where a JPEG's orientation would stand, if it has one."""


def decode_fast(data: bytes, name: str = "picture") -> np.ndarray:
    """Decode bytes to (H, W, 3) uint8 RGB, with the very pixels that `core.images.decode` gives.

    Plain JPEGs go through simplejpeg, in less than half of Pillow's time (benchmarks/bench_decode.py); all else, and what it
    refuses, through Pillow. PhotoError names `name`, the reason and the remedy.
    """
    if data[:2] == b"\xff\xd8" and b"Exif\0" not in data[:HEAD]:
        try:
            height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
            if colours in ("YCbCr", "Gray") and min(height, width) >= 16 and height * width < 10_000_000:
                pixels: np.ndarray = simplejpeg.decode_jpeg(data, "RGB")
                return pixels
        except ValueError:
            pass  # Pillow says what is wrong with it, or reads it after all
    return decode(data, name)


class PixelCache:
    """Photos of a data set decoded and resized to one size, in a memory-mapped file that several processes may share.

    One row a sample id; a row counts while the photo's file keeps its size and time of change, so that nothing has to be
    invalidated by hand. The file is sparse: rows not yet seen take no room. A row is written pixels first, stamp last, so a
    process that dies between leaves a row that is made again. This is the one file that is not written whole: it is a cache.
    """

    def __init__(self, file: Path, rows: int, height: int, width: int):
        """Open or make the cache `file` for sample ids below `rows`; WorkspaceError if it cannot be."""
        make_folder(file.parent)
        stamps = file.with_name(f"{file.name}-{height}x{width}.stamps")
        pixels = file.with_name(f"{file.name}-{height}x{width}.pixels")
        self.height, self.width = height, width
        self._stamps = _mapped(stamps, (rows, 2), np.dtype(np.int64))
        self._pixels = _mapped(pixels, (rows, height, width, 3), np.dtype(np.uint8))

    def read(self, row: int, path: Path) -> np.ndarray:
        """The photo at `path`, sample id `row`, as (height, width, 3) uint8; PhotoError if it cannot be read."""
        try:
            status = os.stat(path)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise PhotoError(f"cannot read {path}: {reason}.", "Index the data set again.") from error
        stamp = (status.st_size, status.st_mtime_ns)
        if tuple(self._stamps[row]) != stamp:
            self._stamps[row] = 0
            self._pixels[row] = resize(decode_fast(path.read_bytes(), str(path)), self.width, self.height)
            self._stamps[row] = stamp
        return np.array(self._pixels[row])


def _mapped(file: Path, shape: tuple[int, ...], kind: np.dtype) -> np.memmap:
    """A sparse file of zeros as an array, grown if it is too short."""
    size = int(np.prod(shape)) * kind.itemsize
    try:
        with open(file, "ab") as stream:
            if stream.tell() < size:
                stream.truncate(size)
        return np.memmap(file, kind, "r+", shape=shape)
    except OSError as error:
        raise write_error(file, error) from error
