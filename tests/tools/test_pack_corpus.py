"""Packing: crops of several renderings of the world in one corpus, and which of them show the same shot."""

import io
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from dlcr.core.images import read_photo
from dlcr.data import world_root
from tools import pack_corpus
from tools.pack_corpus import CLASSES
from tools.world.lens import png
from tools.world.materials import Label


def write_shard(file: Path, crops: dict[str, tuple[bytes, int, dict]]) -> None:
    """A tar as `tools.world corpus` writes it: photo, labels of one kind all over, and what is true of each crop."""
    file.parent.mkdir()
    with tarfile.open(file, "w") as archive:
        for key, (photo, label, told) in crops.items():
            parts = {"jpg": photo, "png": png(np.full((256, 128), label, np.uint8)), "json": json.dumps(told).encode()}
            for ending, data in parts.items():
                member = tarfile.TarInfo(f"{key}.{ending}")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))


def test_renderings_are_packed_together_and_crops_of_a_shot_know_each_other(tmp_path: Path, monkeypatch, capsys):
    files = sorted(world_root().glob("rgb/train/001/*.jpg"))[:4]
    photos = [file.read_bytes() for file in files]
    write_shard(tmp_path / "one" / "world-00.tar", {"000003_0": (photos[0], Label.UPPER, {"text": "a", "identity": 3})})
    alike = {f"000007_{i}": (photos[1 + i], Label.LOWER, {"text": "bc"[i], "identity": 7, "shot": 0}) for i in range(2)}
    nobody = {"000009_0": (photos[3], Label.BACKGROUND, {"text": "d", "identity": 9, "shot": 1})}
    write_shard(tmp_path / "two" / "world-00.tar", alike | nobody)
    flags = ["--world", str(tmp_path / "one"), str(tmp_path / "two"), "--out", str(tmp_path / "corpus")]
    monkeypatch.setattr(sys, "argv", ["pack_corpus", *flags])
    pack_corpus.main()
    assert "3 crops, 2 held out, 1 show nobody" in capsys.readouterr().out
    meta = json.loads((tmp_path / "corpus" / "meta.json").read_text())
    assert meta["text"] == ["a", "b", "c"]
    assert meta["shot"] == ["", "7/0", "7/0"]
    assert meta["held_out"] == [False, True, True]  # every eighth person
    assert meta["source"] == ["world-00/000003_0", "world-00/000007_0", "world-00/000007_1"]
    packed, labels = (np.load(tmp_path / "corpus" / f"{name}.npy") for name in ("photos", "labels"))
    assert all((one == read_photo(file)).all() for one, file in zip(packed, files, strict=False))
    assert [CLASSES[one[0, 0]] for one in labels] == ["upper", "lower", "lower"]


def test_nothing_to_pack_is_said(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["pack_corpus", "--out", str(tmp_path / "corpus")])
    with pytest.raises(SystemExit):
        pack_corpus.main()
    assert "give --world, --rendered or --ccp" in capsys.readouterr().err
