"""The sheet of photos of one's own: each beside itself in other clothes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dlcr import stages
from dlcr.core.errors import SettingError
from dlcr.core.values import Box
from dlcr.core.workspace import ASSETS
from tools.variant_sheets import HEIGHT, OWN, WIDTH, around, own_sheet


def test_every_photo_of_the_folder_stands_beside_itself_with_its_own_background(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, file in enumerate(sorted(ASSETS.glob("world/rgb/test/A/*/00.jpg"))[:OWN]):
        shutil.copy(file, folder / f"{number:02}.jpg")
    sheet = np.asarray(own_sheet(stages.open_session(tmp_path / "home"), folder)).astype(int)
    cells = [
        sheet[y : y + HEIGHT, x : x + WIDTH]
        for y in range(0, sheet.shape[0], sheet.shape[0] // 3 + 1)
        for x in range(0, sheet.shape[1], WIDTH + 8)
    ]
    assert len(cells) == 2 * OWN
    for photo, made in zip(cells[::2], cells[1::2], strict=True):
        changed = (np.abs(photo - made).max(2) > 24).mean()
        assert 0.05 < changed < 0.6


def test_a_folder_of_too_few_photos_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="holds 0 photos"):
        own_sheet(stages.open_session(tmp_path / "home"), tmp_path)


def test_the_cut_is_twice_as_high_as_wide_and_keeps_to_the_photo() -> None:
    photo = np.zeros((500, 700, 3), np.uint8)
    assert around(photo, Box(300, 100, 360, 300)).shape == (220, 110, 3)
    assert around(photo, Box(0, 400, 100, 500)).shape[0] < 220
