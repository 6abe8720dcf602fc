"""Whole files are told from those that a kill or a bad disk left."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from dlcr.core.images import write_png
from dlcr.core.whole import flaw, head_of, seal

ARRAYS = {"vectors": np.arange(12, dtype=np.float32).reshape(3, 4), "ids": np.arange(3)}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    picture = write_png(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8))
    tensors, told = tmp_path / "b.safetensors", tmp_path / "c.json"
    tensors.write_bytes(seal(save(ARRAYS, {"source": "x"})))
    told.write_text('{"a": [1, 2, 3]}')
    return [picture, tensors, told]


def test_whole_files_have_no_flaw_and_sealed_tensors_are_what_they_were(files):
    assert [flaw(path, deep) for path in files for deep in (False, True)] == [None] * 6
    loaded = load_file(files[1])
    assert all(np.array_equal(loaded[name], value) for name, value in ARRAYS.items())
    assert head_of(files[1])["__metadata__"]["source"] == "x"


def test_a_file_that_is_cut_anywhere_is_told_without_reading_it(files):
    for path in files:
        data = path.read_bytes()
        for length in (0, 1, 7, len(data) // 2, len(data) - 1):
            path.write_bytes(data[:length])
            assert flaw(path), (path.name, length)


def test_every_flipped_bit_of_a_picture_is_told_and_of_values_too(files):
    picture, tensors, _ = files
    for path, start in ((picture, 0), (tensors, 8 + int.from_bytes(tensors.read_bytes()[:8], "little"))):
        data = path.read_bytes()
        for place in range(start, len(data), 1 + len(data) // 60):
            flipped = bytearray(data)
            flipped[place] ^= 16
            path.write_bytes(flipped)
            assert flaw(path, deep=True), (path.name, place)


def test_a_shape_that_does_not_fit_is_told(files):
    data = files[1].read_bytes()
    files[1].write_bytes(data.replace(b"[3,4]", b"[3,5]"))
    assert "shape of vectors" in str(flaw(files[1]))
