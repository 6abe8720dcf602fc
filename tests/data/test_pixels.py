"""The fast decoder against the plain one, and a cache that notices changed files."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcr.core.errors import PhotoError
from dlcr.core.images import decode, read_photo, resize
from dlcr.data import world_root
from dlcr.data.pixels import PixelCache, decode_fast

CROPS = sorted(world_root().rglob("*.jpg"))[::25]


def encoded(image: Image.Image, kind: str, **more) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


@pytest.mark.parametrize("crop", CROPS, ids=lambda path: path.stem)
def test_crops_decode_to_the_same_pixels(crop: Path):
    assert np.array_equal(decode_fast(crop.read_bytes()), read_photo(crop))


def test_unusual_pictures_decode_to_the_same_pixels():
    photo = Image.open(CROPS[0]).convert("RGB")
    turned = Image.Exif()
    turned[0x0112] = 6
    pictures = [
        encoded(photo, "JPEG", exif=turned),
        encoded(photo.convert("L"), "JPEG"),
        encoded(photo.convert("CMYK"), "JPEG"),
        encoded(photo, "JPEG", progressive=True, subsampling=0),
        encoded(photo, "JPEG", keep_rgb=True),
        encoded(photo, "PNG"),
        encoded(photo, "WEBP"),
    ]
    for data in pictures:
        assert np.array_equal(decode_fast(data), decode(data))


def test_a_damaged_picture_is_refused_by_name():
    with pytest.raises(PhotoError, match="cut.jpg is damaged"):
        decode_fast(CROPS[0].read_bytes()[:-200], "cut.jpg")


def test_the_cache_keeps_pixels_and_notices_a_changed_file(tmp_path: Path):
    photo = tmp_path / "1.jpg"
    photo.write_bytes(CROPS[0].read_bytes())
    cache = PixelCache(tmp_path / "cache" / "set", 9, 96, 48)
    first = cache.read(7, photo)
    assert np.array_equal(first, resize(read_photo(CROPS[0]), 48, 96))
    again = PixelCache(tmp_path / "cache" / "set", 20, 96, 48)
    again._pixels[7, 0, 0] = 1  # a mark that shows where pixels come from
    assert tuple(again.read(7, photo)[0, 0]) == (1, 1, 1)
    photo.write_bytes(CROPS[1].read_bytes())
    assert np.array_equal(again.read(7, photo), resize(read_photo(CROPS[1]), 48, 96))


def test_a_row_without_its_stamp_is_made_again(tmp_path: Path):
    cache = PixelCache(tmp_path / "set", 3, 96, 48)
    cache._pixels[1] = 9
    assert np.array_equal(cache.read(1, CROPS[0]), resize(read_photo(CROPS[0]), 48, 96))


def test_a_photo_that_went_away_is_named(tmp_path: Path):
    with pytest.raises(PhotoError, match="gone.jpg"):
        PixelCache(tmp_path / "set", 3, 96, 48).read(0, tmp_path / "gone.jpg")
