"""Expanding a data set: every photo in different other outfits, nothing twice, nothing lost, failures listed."""

import shutil

import numpy as np
import pytest

from dlcr import stages, stages_describe, stages_expand
from dlcr.core import files as core_files
from dlcr.core.errors import Cancelled, UsageError
from dlcr.core.images import read_photo
from dlcr.core.settings import Backends, ExpandSettings, PaintSettings
from tests.inpaint.conftest import save_tiny
from tests.painted import own_files
from tests.small import save_small

QUICK = PaintSettings(steps=2, batch=4)
THREE = ExpandSettings(variants=3)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("model") / "sd")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return save_small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def template(tmp_path_factory, root):
    """A workspace that knows the small data set and its outfits' prompts."""
    session = stages.open_session(tmp_path_factory.mktemp("template"), Backends(device="cpu"))
    stages.index(session, root, "prcc", "small")
    stages_describe.describe_dataset(session, "small", split="train")
    session.catalog.close()
    return session.workspace.home


@pytest.fixture
def session(tmp_path, template, model, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")

    def opened(name="home"):
        shutil.copytree(template, tmp_path / name)
        return stages.open_session(tmp_path / name, Backends(device="cpu", inpainter=f"sd:{model}"))

    return opened


def files(session):
    """Every variant's bytes by its name; rows and files must agree, and nothing else may lie there."""
    there = own_files(session.workspace.home)
    samples = [*session.catalog.find_samples("small", limit=99)]
    assert session.catalog.variant_files([one.id for one in samples]) == set(there)
    return there


def test_every_photo_gets_its_variants_in_different_other_outfits(session):
    now = session()
    told = []
    found = stages_expand.expand(now, "small", THREE, paint=QUICK, on_progress=told.append)
    assert (found.made, found.kept, found.failed, found.failures) == (27, 0, 0, ())
    assert (told[-1].made, told[-1].total) == (27, 27)
    assert found.images_per_second > 0
    for sample in now.catalog.find_samples("small", split="train"):
        photo, rows = stages.sample_photo(now, sample), now.catalog.variants(sample.id)
        outfits = {row.lineage["source"]["outfit"] for row in rows}
        assert len(rows) == len(outfits) == 3
        assert sample.clothes_id not in outfits
        mask = stages.load_mask(now, rows[0].mask_id)
        for row in rows:
            assert row.prompt == now.catalog.prompts("small", row.lineage["source"]["outfit"])[-1].text
            assert np.array_equal(stages.variant_image(now, row)[~mask], photo[~mask])
    assert stages.replay(now, now.workspace.home / rows[0].file).identical


def test_twice_changes_nothing_and_a_lost_file_comes_back_the_same(session):
    now = session()
    stages_expand.expand(now, "small", THREE, paint=QUICK)
    before = files(now)
    again = stages_expand.expand(now, "small", THREE, paint=QUICK)
    assert (again.made, again.kept) == (0, 27)
    victim = sorted(before)[5]
    (now.workspace.home / victim).unlink()
    partial = now.workspace.home / victim.parent / f".x.{core_files._HOST}~4194399~ab.part"
    partial.write_bytes(b"half")
    once_more = stages_expand.expand(now, "small", THREE, paint=QUICK)
    assert (once_more.made, once_more.kept) == (1, 26)
    assert files(now) == before


def test_a_run_that_stops_goes_on_where_it_was_and_ends_the_same(session):
    whole = session("whole")
    stages_expand.expand(whole, "small", THREE, paint=QUICK)
    now = session("stopped")
    for stop in (4, 12):

        def on_progress(progress, stop=stop):
            if progress.made + progress.kept >= stop:
                raise Cancelled

        with pytest.raises(Cancelled):
            stages_expand.expand(now, "small", THREE, paint=QUICK, on_progress=on_progress)
        assert 4 <= len(files(now)) <= stop + 4
    more = ExpandSettings(variants=3)
    found = stages_expand.expand(now, "small", more, paint=QUICK)
    assert found.made + found.kept == 27
    assert files(now) == files(whole)


def test_more_variants_keep_the_first_and_another_prompt_is_another_variant(session):
    now = session()
    stages_expand.expand(now, "small", ExpandSettings(variants=2), paint=QUICK)
    before = files(now)
    found = stages_expand.expand(now, "small", THREE, paint=QUICK)
    assert (found.made, found.kept) == (9, 18)
    assert before.items() <= files(now).items()
    outfit = now.catalog.variants(now.catalog.find_samples("small", split="train")[0].id)[0].lineage["source"]["outfit"]
    now.catalog.add_prompt("small", outfit, "green dress", "user")
    repainted = stages_expand.expand(now, "small", THREE, paint=QUICK)
    assert repainted.made > 0
    assert repainted.made + repainted.kept == 27


def test_images_named_alone_get_what_they_would_among_all(session):
    whole, now = session("whole"), session("some")
    stages_expand.expand(whole, "small", THREE, paint=QUICK)
    names = [one.image.as_posix() for one in now.catalog.every_sample("small", "train")][2:8:3]
    found = stages_expand.expand(now, "small", THREE, paint=QUICK, images=names)
    assert (found.made, found.kept, found.failed) == (6, 0, 0)
    assert files(now).items() <= files(whole).items()
    assert {one.image.as_posix() for one in now.catalog.every_sample("small") if now.catalog.variants(one.id)} == set(
        names
    )
    with pytest.raises(UsageError, match="none of the images"):
        stages_expand.expand(now, "small", THREE, paint=QUICK, images=["elsewhere.jpg"])


def test_query_photos_wear_the_train_splits_outfits(session):
    now = session()
    found = stages_expand.expand(now, "small", ExpandSettings(variants=10, split="query"), paint=QUICK)
    worn = {sample.clothes_id for sample in now.catalog.find_samples("small", split="train", limit=99)}
    for sample in now.catalog.find_samples("small", split="query"):
        assert {row.lineage["source"]["outfit"] for row in now.catalog.variants(sample.id)} == worn
    assert found.made == 2 * len(worn)


def test_what_fails_is_listed_and_the_rest_is_made(session, root):
    now = session()
    stages_expand.expand(now, "small", ExpandSettings(variants=1, limit=1), paint=QUICK)  # describes the outfits
    victim = now.catalog.find_samples("small", split="train")[4]
    whole = victim.path.read_bytes()
    mute = next(one.clothes_id for one in now.catalog.find_samples("small", split="train")[5:])
    now.catalog.add_prompt("small", mute, " - ", "user")
    try:
        victim.path.write_bytes(whole[:300])
        found = stages_expand.expand(now, "small", ExpandSettings(variants=5), paint=QUICK)
    finally:
        victim.path.write_bytes(whole)
    assert {one.name for one in found.failures} == {victim.image.as_posix(), mute}
    assert not now.catalog.variants(victim.id)
    assert found.made + found.kept + found.failed == 45
    assert found.failed > 5


def test_the_users_mask_is_the_one_that_is_painted(session):
    now = session()
    sample = now.catalog.find_samples("small", split="train")[0]
    stages_expand.expand(now, "small", ExpandSettings(variants=2, limit=1), paint=QUICK)
    mask = np.zeros(read_photo(sample.path).shape[:2], bool)
    mask[100:140, 40:80] = True
    row = stages.keep_mask(now, sample.id, mask, "user")
    found = stages_expand.expand(now, "small", ExpandSettings(variants=2, limit=1), paint=QUICK)
    assert found.made == 2
    painted = [one for one in now.catalog.variants(sample.id) if one.mask_id == row.id]
    assert len(painted) == 2
    assert np.array_equal(stages.variant_image(now, painted[0])[~mask], read_photo(sample.path)[~mask])


def test_diverse_outfits_show_at_least_as_many_looks(session):
    now = session()
    chance = stages_expand.expand(now, "small", ExpandSettings(variants=2), paint=QUICK)
    diverse = stages_expand.expand(now, "small", ExpandSettings(variants=2, diverse=True), paint=QUICK)
    assert diverse.looks_per_photo >= chance.looks_per_photo > 0
    assert chance.spread.of == diverse.spread.of


def test_each_photo_is_encoded_once(session, monkeypatch):
    now, calls = session(), []
    encode = type(now.inpainter.sampler).encode
    monkeypatch.setattr(type(now.inpainter.sampler), "encode", lambda *a: calls.append(1) or encode(*a))
    assert stages_expand.expand(now, "small", THREE, paint=QUICK).made == 27
    assert len(calls) == 9


def test_a_split_without_photos_says_which_there_are(session):
    with pytest.raises(UsageError, match=r"no photos in the split 'tran'.*train"):
        stages_expand.expand(session(), "small", ExpandSettings(split="tran"))
