"""The embedded expansion: what a fresh workspace is given, once; work goes on from it; nobody learns from it alone."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from dlcr import stages, stages_ablation, stages_expand, stages_expansion, stages_guide, stages_train
from dlcr.core.errors import UsageError
from dlcr.core.files import write_json
from dlcr.core.images import read_photo
from dlcr.core.profiles import profile
from dlcr.core.settings import Backends, ExpandSettings, PaintSettings
from dlcr.core.training import TrainSettings
from dlcr.inpaint.lineage import mask_of, read_variant
from dlcr.stages_expansion import EXPANSION, PHOTOS, adopt_variants, folder_of
from tools.embedded_expansion import chosen, release

PAINT = PaintSettings(**profile("fast").paint)
ROUNDING = 24
"""Levels by which 16-bit sums of another processor may differ; 6 were seen. Another seed is off by a hundred and more."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("fresh")
    stages.open_session(home).catalog.close()
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """A fresh workspace."""
    return shutil.copytree(template, tmp_path / "home")


def files(home: Path) -> dict[Path, bytes]:
    return {path.relative_to(home): path.read_bytes() for path in (home / "variants").rglob("*.png")}


def painted(session: stages.Session) -> list:
    ids = [sample.id for sample in session.catalog.find_samples("world", limit=10**6)]
    return session.catalog.variants_of(ids)


def forget(home: Path, *tables: str) -> None:
    """Take rows out of the catalog behind the program's back."""
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        for table in tables:
            connection.execute(f"DELETE FROM {table}")
    connection.close()


def test_a_fresh_workspace_has_a_few_variants_true_to_their_photos(home: Path):
    session = stages.open_session(home)
    rows, index = painted(session), json.loads((EXPANSION / PHOTOS).read_text())
    shipped = sorted(EXPANSION.rglob("*.png"))
    assert len(rows) == len(shipped) == len(files(home)) > 100
    assert sum(path.stat().st_size for path in EXPANSION.rglob("*") if path.is_file()) < 5_000_000
    cover = session.catalog.coverage("world", "train")
    assert cover.photos == {0: 660, 1: 60}
    assert all(one.variants == 1 for one in cover.people)
    for row in rows[::9]:
        sample, told = session.catalog.sample(row.sample_id), read_variant(home / row.file)
        photo, mask = stages.sample_photo(session, sample), stages.load_mask(session, row.mask_id)
        assert (told.lineage["source"]["image"], told.prompt, told.seed) == (
            sample.image.as_posix(), row.prompt, row.seed,
        )  # fmt: skip
        assert (mask == mask_of(told)).all()
        assert (read_photo(home / row.file)[~mask] == photo[~mask]).all()
        newest = session.catalog.masks(sample.id)[-1]
        assert (newest.source, newest.settings["person"]) == ("parser:demo", index["people"][sample.image.as_posix()])


def test_opening_it_again_changes_nothing_and_what_is_removed_stays_away(home: Path):
    before = files(home)
    session = stages.open_session(home)
    there = [row.file for row in painted(session)]
    assert [row.file for row in painted(stages.open_session(home))] == there
    gone = sorted(before)[0]
    (home / gone).unlink()
    assert set(files(stages.open_session(home).workspace.home)) == set(before) - {gone}
    shutil.rmtree(home / "variants")
    forget(home, "variants")
    again = stages.open_session(home)
    assert (painted(again), files(home)) == ([], {})


def test_a_stop_on_the_way_is_made_good(home: Path):
    before = files(home)
    (home / "adopted.json").unlink()
    forget(home, "variants")  # masks are recorded first
    (home / sorted(before)[0]).unlink()
    session = stages.open_session(home)
    assert len(painted(session)) == len(before)
    assert files(home) == before


def test_a_photo_with_another_mask_and_a_workspace_with_other_variants_are_left_alone(home: Path):
    (home / "adopted.json").unlink()
    forget(home, "variants")
    session = stages.open_session(home)
    sample = session.catalog.sample(painted(session)[0].sample_id)
    mask = stages.load_mask(session, painted(session)[0].mask_id)
    stages.keep_mask(session, sample.id, mask[::-1], "hand")
    (home / "adopted.json").unlink()
    forget(home, "variants")
    again = stages.open_session(home)
    assert again.catalog.variants(sample.id) == []
    assert again.catalog.masks(sample.id)[-1].source == "hand"
    assert painted(again)
    (home / "adopted.json").unlink()
    assert adopt_variants(again, "world") == 0


def test_those_of_another_world_are_left_out(home: Path, tmp_path: Path, monkeypatch, caplog):
    monkeypatch.setattr(stages_expansion, "EXPANSION", tmp_path / "other")
    write_json(tmp_path / "other" / PHOTOS, json.loads((EXPANSION / PHOTOS).read_text()) | {"world": "0" * 16})
    (home / "adopted.json").unlink()
    forget(home, "variants")
    assert painted(stages.open_session(home)) == []
    assert "not taken over" in caplog.text


def test_a_checkout_without_all_of_them_opens_with_the_rest(home: Path, tmp_path: Path, monkeypatch, caplog):
    there = len(painted(stages.open_session(home)))
    rest = shutil.copytree(EXPANSION, tmp_path / "rest")
    monkeypatch.setattr(stages_expansion, "EXPANSION", rest)
    lost = sorted(json.loads((rest / PHOTOS).read_text())["people"])[0]
    gone = len(list((rest / folder_of(Path(lost))).iterdir()))
    shutil.rmtree(rest / folder_of(Path(lost)))
    (home / "adopted.json").unlink()
    forget(home, "variants")
    assert len(painted(stages.open_session(home))) == there - gone
    assert "variants of 1 photos are missing" in caplog.text
    (rest / PHOTOS).unlink()
    (home / "adopted.json").unlink()
    forget(home, "variants")
    assert painted(stages.open_session(home)) == []
    assert "check out assets/ again" in caplog.text
    monkeypatch.undo()
    assert len(painted(stages.open_session(home))) == there


def test_expanding_keeps_them_and_replay_paints_them_again(home: Path):
    session = stages.open_session(home, Backends(device="cpu"))
    before = files(home)
    found = stages_expand.expand(session, "world", ExpandSettings(variants=3, split="gallery", limit=4), paint=PAINT)
    assert (found.made, found.kept, found.failed) == (0, 12, 0)
    found = stages_expand.expand(session, "world", ExpandSettings(variants=1, limit=1), paint=PAINT)
    assert (found.made, found.kept) == (0, 1)
    assert files(home) == before
    told = stages.replay(session, home / sorted(before)[0])
    assert (
        told.identical or told.differs or told.max_diff <= ROUNDING
    )  # elsewhere libraries, number type or processor are others


def test_nobody_learns_from_them_alone(home: Path):
    session = stages.open_session(home, Backends(device="cpu"))
    with pytest.raises(UsageError, match=r"only 60 of 720 photos .* no variants to train with.*dlcr expand world"):
        stages_train.train(session, "world", "w", TrainSettings(variants=10))
    with pytest.raises(UsageError, match=r"only the \d+ variants that come with the program.*dlcr expand world"):
        stages_guide.guide(session, "world")
    arms = [arm.name for arm in stages_ablation.ARMS if stages_ablation._possible(session, "world", arm)]
    assert arms == ["cross-entropy", "CAL"]
    sample = session.catalog.find_samples("world", split="train", limit=1)[0]
    session.catalog.add_variant(sample.id, None, "variants/own.png", "red coat", 1, "test", {})
    samples, found = stages_train.training_samples(session, "world", TrainSettings(variants=10))
    assert (len(samples), sum(map(len, found.values()))) == (720, 61)


def test_the_tool_picks_the_same_again(home: Path, tmp_path: Path):
    session = stages.open_session(home, Backends(device="cpu"))
    people = json.loads((EXPANSION / PHOTOS).read_text())["people"]
    wanted = {image: len([*(EXPANSION / folder_of(Path(image))).glob("*.png")]) for image in people}
    release(session, wanted, tmp_path / "out")
    made = {path.relative_to(tmp_path / "out"): path.read_bytes() for path in (tmp_path / "out").rglob("*.*")}
    assert made == {path.relative_to(EXPANSION): path.read_bytes() for path in EXPANSION.rglob("*.*")}
    trained = {image: count for image, count in chosen(session).items() if "/train/" in image}
    assert trained == {image: count for image, count in wanted.items() if "/train/" in image}
