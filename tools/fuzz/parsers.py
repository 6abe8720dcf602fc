"""Every parser of outside text or bytes: what it is given, how it is asked, and what must hold of its answer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from hypothesis.strategies import SearchStrategy
from PIL import Image
from pydantic import BaseModel

from dlcr.core.errors import DlcrError
from tools.fuzz import given


class Read(Protocol):
    """Parses; AssertionError if the answer is not what it should be. DlcrError is a fine answer too."""

    def __call__(self, told: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Parser:
    """`open` makes the reader in a folder of its own; `told` is what it is given."""

    told: Callable[[], SearchStrategy[Any]]
    open: Callable[[Path], Read]


def tried(read: Read, told: Any) -> None:
    """Read once; an error that says what is wrong and what to do is an answer."""
    try:
        read(told)
    except DlcrError as error:
        if not error.what.strip():
            raise AssertionError("an error says what is wrong") from error


def _replies(_: Path) -> Read:
    from dlcr.language.outfits import inpainting_prompt
    from dlcr.language.replies import MAX_ITEMS, read_caption, read_outfit

    def read(told: str) -> None:
        for ask in (read_caption, read_outfit):
            try:
                found = ask(told)
            except DlcrError:
                continue
            outfit = getattr(found, "outfit", found)
            assert all(item.strip() == item and "\n" not in item for item in getattr(outfit, "items", ()))
        outfit = read_outfit(told)
        assert 0 < len(outfit.items) <= MAX_ITEMS
        assert "\n" not in inpainting_prompt(outfit)

    return read


def _prompts(_: Path) -> Read:
    from dlcr.language.garments import read_garment
    from dlcr.language.outfits import parse_items
    from dlcr.stages_paint import read_prompt

    words = frozenset({"red", "blue", "shirt", "jeans", "striped", "shoes", "white"})

    def read(told: str) -> None:
        items = parse_items(told).items
        assert all(item == " ".join(item.split()) for item in items)
        for item in items:
            read_garment(item)
        read_prompt(told, None)
        assert set(read_prompt(told, words).text.split()) <= words

    return read


def _names(_: Path) -> Read:
    from dlcr.data.layouts import LAYOUTS, layout

    def read(told: tuple[str, list[str]]) -> None:
        folder, names = told
        for name in LAYOUTS:
            opened = layout(name).open(Path("/nowhere"), {folder: len(names)}) if name != "deepchange" else None
            if opened is None:
                continue
            found = opened.label(folder, names)
            columns = (found.names, found.splits, found.pids, found.camids, found.clothes_ids, found.tracklets)
            assert len({len(column) for column in columns}) == 1
            assert set(found.names) | {bad for bad, _ in found.bad} <= set(names)
            assert all(-1 <= pid < 10**9 for pid in found.pids)
            assert all(0 <= camid < 10**9 + 99 for camid in found.camids)

    return read


def _lists(folder: Path) -> Read:
    from dlcr.data.layouts import layout

    (folder / "train-set").mkdir()

    def read(told: bytes) -> None:
        for name, file in (("ccvid", "train.txt"), ("deepchange", "train-set-bbox.txt")):
            (folder / file).write_bytes(told)
            opened = layout(name).open(folder, {"train-set": 1})
            opened.label("train-set", ["P1_C3_2_1.jpg"])
            opened.absent({})

    return read


def _manifests(folder: Path) -> Read:
    from dlcr.data.manifest import Manifest

    def read(told: bytes) -> None:
        (folder / "manifest.csv").write_bytes(told)
        opened = Manifest().open(folder, {"a": 1})
        for place in ("", "a"):
            found = opened.label(place, ["1.jpg", "top.jpg"])
            assert set(found.names) <= {"1.jpg", "top.jpg"}
        assert all(bad.reason for bad in opened.absent({"": 1}))

    return read


def _releases(folder: Path) -> Read:
    from dlcr.data.release import prompts_text, read_prompts

    def read(told: bytes) -> None:
        (folder / "strip.txt").write_bytes(told)
        found = read_prompts(folder / "strip.txt")
        (folder / "again.txt").write_text(prompts_text(found), encoding="utf-8")
        again = read_prompts(folder / "again.txt")
        assert again == tuple(" ".join(prompt.split()) for prompt in found)[: len(again)]

    return read


LINEAGE: dict[str, Any] = {
    "format": 1, "source": {"sample": 1, "mask": 1}, "photo": {"digest": "00", "height": 24, "width": 20},
    "mask": {"digest": "00", "png": ""}, "box": [0, 0, 20, 24], "prompt": "red shirt", "read": "red shirt", "seed": 7,
    "settings": {"steps": 20, "batch": 4}, "engine": {"model": "demo", "digest": "00", "threads": 2}, "versions": {"torch": "2"},
}  # fmt: skip
"""What a variant tells of itself, with a mask to come."""


def lineage() -> dict[str, Any]:
    """LINEAGE with its mask."""
    import base64

    stream = io.BytesIO()
    Image.fromarray(np.eye(24, 20, dtype=bool)).save(stream, "PNG")
    return LINEAGE | {"mask": {"digest": "00", "png": base64.b64encode(stream.getvalue()).decode()}}


def _lineages(folder: Path) -> Read:
    from dlcr.core.images import write_png
    from dlcr.inpaint.lineage import KEY, differences, mask_of, read_variant

    def read(told: Any) -> None:
        file = write_png(folder / "variant.png", np.zeros((24, 20, 3), np.uint8), {KEY: json.dumps(told)})
        found = read_variant(file)
        assert mask_of(found).shape == (24, 20)
        differences(found.lineage, {"model": "demo"})

    return read


def pictures() -> tuple[bytes, ...]:
    """One small picture of every kind."""
    array = np.random.default_rng(0).integers(0, 255, (24, 20, 3), np.uint8)
    found = []
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"):
        stream = io.BytesIO()
        Image.fromarray(array).save(stream, kind)
        found.append(stream.getvalue())
    return tuple(found)


def _pictures(_: Path) -> Read:
    from dlcr.core.images import decode

    def read(told: bytes) -> None:
        found = decode(told)
        assert found.dtype == np.uint8
        assert found.shape[2:] == (3,)

    return read


def checkpoints() -> tuple[bytes, ...]:
    """A published checkpoint, a training's, and features: the smallest there are."""
    import torch
    from safetensors.torch import save

    stream = io.BytesIO()
    torch.save({"model_state_dict": {"base.0.weight": torch.zeros(2)}, "rank1": np.float64(0.5)}, stream)
    told = {"facts": "{}", "sha256": "0", "source": '"x"'}
    return stream.getvalue(), save({"ids": torch.zeros(2, dtype=torch.int64), "vectors": torch.zeros(2, 3)}, told)


def _checkpoints(folder: Path) -> Read:
    from dlcr.embed.store import read_features
    from dlcr.parsing.sam import load_sam
    from dlcr.reid.checkpoint import read as read_state
    from dlcr.reid.published import read_published

    file = folder / "file"

    def read(told: bytes) -> None:
        file.write_bytes(told)
        for ask in (read_features, read_state, read_published, lambda path: load_sam(str(path))):
            tried(ask, file)  # type: ignore[arg-type]

    return read


def _records(folder: Path) -> Read:
    from dlcr.core.training import RECORD
    from dlcr.jobs.progress import read_progress
    from dlcr.reid.runs import read_run

    def read(told: Any) -> None:
        data = json.dumps(told).encode()
        (folder / "progress.json").write_bytes(data)
        if (found := read_progress(folder / "progress.json")) is not None:
            str(found)
        (folder / RECORD).write_bytes(data)
        read_run(folder)

    return read


def _addresses(folder: Path) -> Read:
    from dlcr import stages
    from dlcr.jobs.board import Board
    from pages import (
        _data_handlers,
        _expand_handlers,
        _jobs_handlers,
        _retrieve_desk,
        _space_desk,
        _studio_desk,
        _train_handlers,
    )  # fmt: skip

    session = stages.open_session(folder)
    board = Board(session.workspace, session.catalog)

    def read(told: str) -> None:
        find = _studio_desk.read_address(told).find
        find.filters()
        assert _studio_desk.read_address(_studio_desk.Desk(find).address()).find == find
        for start in (_data_handlers.start, _expand_handlers.start, _train_handlers.start):
            assert start(session, board, told).dataset in ("world", "uploads")
        _jobs_handlers.start(board, told).address()
        for module in (_retrieve_desk, _space_desk):
            desk: Any = module.read_address(session, told)
            assert module.read_address(session, desk.address()).address() == desk.address()

    return read


def models() -> dict[str, type[BaseModel]]:
    """Every model of settings, by name."""
    from dlcr.core import settings, training

    found = {
        name: one
        for name, one in {**vars(settings), **vars(training)}.items()
        if name.endswith("Settings") and isinstance(one, type)
    }
    return {name: one for name, one in sorted(found.items()) if issubclass(one, BaseModel) and one.model_fields}


def _settings(_: Path) -> Read:
    from dlcr.core.settings import checked

    def read(told: dict[str, Any]) -> None:
        for model in models().values():
            try:
                found = checked(model, **told)
            except DlcrError:
                continue
            assert model(**found.model_dump()) == found

    return read


def _names_of_users(folder: Path) -> Read:
    from dlcr.stages_embed import file_name
    from dlcr.stages_train import _checked_name

    def read(told: str) -> None:
        for name in (file_name(told) or "-", _checked_name(told)):
            (folder / name).mkdir(exist_ok=True)
            assert (folder / name).resolve().parent == folder.resolve()

    return read


def _visitors(folder: Path) -> Read:
    from dlcr.core.accounts import Accounts
    from pages._entry import Entry
    from pages._login import safe

    entry = Entry(folder, Accounts(folder / "users.json"))

    def read(told: str) -> None:
        assert entry.user(told) is None
        wanted = safe(told)
        assert wanted.startswith("/")
        assert not wanted.startswith(("//", "/\\"))
        assert wanted.isprintable()

    return read


def _all_fields() -> SearchStrategy[dict[str, Any]]:
    return given.fields(*sorted({name for model in models().values() for name in model.model_fields}))


PARSERS: dict[str, Parser] = {
    "replies": Parser(given.replies, _replies),
    "prompts": Parser(lambda: given.text(*given.GARMENTS), _prompts),
    "names of pictures": Parser(given.listings, _names),
    "lists of data sets": Parser(given.lists, _lists),
    "manifests": Parser(given.manifests, _manifests),
    "prompts of releases": Parser(given.lists, _releases),
    "lineage": Parser(lambda: given.changed(lineage()) | given.json_values(*LINEAGE), _lineages),
    "pictures": Parser(lambda: given.damaged(*pictures()), _pictures),
    "records of runs and jobs": Parser(
        lambda: given.json_values("settings", "facts", "what", "done", "total", "left", "epochs"), _records
    ),
    "settings": Parser(_all_fields, _settings),
    "names of runs": Parser(lambda: given.text("run", "-", "..", "/", "@best", ":"), _names_of_users),
    "sessions and ways back": Parser(lambda: given.text("/", "\\", "//", ".", "data?x=1", "http:", "=="), _visitors),
    "checkpoints": Parser(lambda: given.damaged(*checkpoints()), _checkpoints),
    "addresses of pages": Parser(given.addresses, _addresses),
}
"""By what they read, slow ones last."""
