import io
import random
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlcr.core import images
from dlcr.core.errors import PhotoError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def refused(path: Path) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        images.read_photo(path)
    assert str(path) in caught.value.what
    assert caught.value.remedy
    return caught.value


def two_halves() -> Image.Image:
    """40 wide, 20 high; left half red, right half blue."""
    image = Image.new("RGB", (40, 20), RED)
    image.paste(BLUE, (20, 0, 40, 20))
    return image


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to show: left becomes top
    photo = images.decode(encoded(two_halves(), "PNG", exif=exif))
    assert photo.shape == (40, 20, 3)
    assert tuple(photo[0, 0]) == RED
    assert tuple(photo[-1, 0]) == BLUE


def test_cmyk_becomes_rgb():
    photo = images.decode(encoded(two_halves().convert("CMYK"), "TIFF"))
    assert photo.dtype == np.uint8
    assert tuple(photo[0, 0]) == RED
    assert tuple(photo[0, -1]) == BLUE


@pytest.mark.parametrize(("value", "seen"), [(0, 0), (255, 1), (257, 1), (25700, 100), (65535, 255)])
def test_sixteen_bits_become_eight(value: int, seen: int):
    gray = Image.fromarray(np.full((20, 20), value, np.uint16))
    assert (images.decode(encoded(gray, "PNG")) == seen).all()
    assert (images.decode(encoded(gray, "TIFF")) == seen).all()


def test_alpha_is_composited_on_white():
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    image.paste((0, 255, 0, 255), (0, 0, 10, 20))
    photo = images.decode(encoded(image, "PNG"))
    assert tuple(photo[0, 0]) == GREEN
    assert tuple(photo[0, -1]) == WHITE


def test_transparent_palette_entry_becomes_white():
    image = two_halves().quantize(2)
    clear = image.getpixel((0, 0))
    photo = images.decode(encoded(image, "PNG", transparency=clear))
    assert tuple(photo[0, 0]) == WHITE
    assert tuple(photo[0, -1]) == BLUE


def test_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, GREEN, BLUE)]
    photo = images.decode(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert photo.shape == (20, 20, 3)
    assert tuple(photo[5, 5]) == RED


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_formats_keep_every_pixel(kind: str):
    array = np.random.default_rng(0).integers(0, 256, (17, 23, 3), np.uint8)
    options = {"lossless": True} if kind == "WEBP" else {}
    assert (images.decode(encoded(Image.fromarray(array), kind, **options)) == array).all()


@pytest.mark.parametrize(
    "content",
    [b"this is no picture\n" * 9, b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a"],
    ids=["text", "zero bytes", "JPEG marker", "PNG marker", "GIF marker"],
)
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes):
    (tmp_path / "photo.jpg").write_bytes(content)
    refused(tmp_path / "photo.jpg")


def test_truncated_jpeg_is_refused(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 256, (80, 60, 3), np.uint8)
    data = encoded(Image.fromarray(noise), "JPEG")
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    assert "damaged" in refused(tmp_path / "cut.jpg").what
    assert images.photo_size(tmp_path / "cut.jpg") == (60, 80)


def test_one_pixel_is_refused(tmp_path: Path):
    (tmp_path / "dot.png").write_bytes(encoded(Image.new("RGB", (1, 1)), "PNG"))
    assert "1 x 1" in refused(tmp_path / "dot.png").what


def test_huge_header_is_refused_before_decoding(tmp_path: Path):
    (tmp_path / "bomb.png").write_bytes(png_header(30_000, 30_000))
    refused(tmp_path / "bomb.png")
    (tmp_path / "large.png").write_bytes(png_header(8_000, 8_000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "8000 x 8000" in refused(tmp_path / "large.png").what
    with pytest.raises(PhotoError, match="large"):
        images.photo_size(tmp_path / "large.png")


def test_missing_file_and_folder_are_refused(tmp_path: Path):
    refused(tmp_path / "nowhere.jpg")
    refused(tmp_path)
    with pytest.raises(PhotoError, match="cannot read .*nowhere.jpg: no such file"):
        images.photo_size(tmp_path / "nowhere.jpg")


def test_enormous_file_is_refused_before_reading(tmp_path: Path):
    with (tmp_path / "long.jpg").open("wb") as stream:
        stream.truncate(images.MAX_BYTES + 1)
    assert "100 MB" in refused(tmp_path / "long.jpg").what


def test_damaged_bytes_never_raise_anything_but_photo_errors():
    dice = random.Random(0)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 20, 3), np.uint8))
    for kind in ("JPEG", "PNG", "BMP", "WEBP", "GIF"):
        whole = encoded(noise, kind)
        for _ in range(60):
            data = bytearray(whole[: dice.choice([len(whole), dice.randrange(1, len(whole))])])
            data[dice.randrange(len(data))] = dice.randrange(256)
            try:
                assert images.decode(bytes(data)).dtype == np.uint8
            except PhotoError:
                continue


@given(st.integers(16, 40), st.integers(16, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_png_keeps_pixels_and_text(height: int, width: int, seed: int):
    array = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    data = images.png_bytes(array, {"dlcr": '{"prompt": "红色"}'})
    assert data == images.png_bytes(array, {"dlcr": '{"prompt": "红色"}'})
    assert (images.decode(data) == array).all()
    assert Image.open(io.BytesIO(data)).text["dlcr"] == '{"prompt": "红色"}'


def test_masks_come_back_as_they_went(tmp_path: Path):
    mask = np.random.default_rng(0).random((31, 19)) > 0.5
    path = images.write_png(tmp_path / "mask.png", mask)
    assert (images.read_mask(path) == mask).all()
    with pytest.raises(PhotoError, match="19 x 31"):
        images.read_mask(path, (30, 19))


def test_resize_keeps_masks_boolean_and_fit_never_enlarges():
    mask = np.zeros((20, 30), bool)
    mask[:, 15:] = True
    assert images.resize(mask, 60, 40).dtype == bool
    assert images.resize(mask, 60, 40)[0].tolist() == [False] * 30 + [True] * 30
    photo = np.zeros((100, 50, 3), np.uint8)
    assert images.fit(photo, 40).shape == (40, 20, 3)
    assert images.fit(photo, 400) is photo


def test_digest_tells_shape_and_content_apart():
    base = np.zeros((4, 6), np.uint8)
    other = base.copy()
    other[0, 0] = 1
    assert len({images.digest(a) for a in (base, other, base.reshape(6, 4), base.astype(bool))}) == 4
    assert images.digest(base) == images.digest(np.asfortranarray(base))
