"""Discriminator guidance on a data set: train, go on, find again, paint with it, replay."""

import json
import shutil

import numpy as np
import pytest

from dlcr import stages, stages_expand, stages_guide
from dlcr.core.errors import BackendError, Cancelled, SettingError, UsageError
from dlcr.core.settings import Backends, ExpandSettings, GuideSettings, PaintSettings
from tests.inpaint.conftest import save_tiny
from tests.painted import paint_small

QUICK = PaintSettings(steps=3, batch=3)
TRAIN = GuideSettings(steps=12, batch=4, width=8, levels=2)
GUIDED = PaintSettings(steps=3, batch=3, discriminator_weight=1.0)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A workspace with first-pass variants of a small data set by a tiny inpainter."""
    place = tmp_path_factory.mktemp("place")
    patch = pytest.MonkeyPatch()
    patch.setenv("DLCR_DTYPE", "float32")
    paint_small(place, QUICK, variants=2).catalog.close()
    yield place
    patch.undo()


@pytest.fixture
def session(place, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")
    shutil.copytree(place / "home", tmp_path / "home")
    return stages.open_session(tmp_path / "home", Backends(device="cpu", inpainter=f"sd:{place / 'sd'}"))


def opened(session, **backends):
    return stages.open_session(session.workspace.home, session.backends.model_copy(update=backends))


def test_training_tells_its_accuracy_on_people_it_never_saw(session):
    told = []
    found = stages_guide.guide(session, "small", TRAIN, on_progress=told.append)
    assert (found.steps, found.finished, found.variants, found.photos, found.held_out) == (12, True, 18, 9, 6)
    assert set(found.bands) == {"200-400", "400-600", "600-800", "800-1000"}
    assert found.accuracy == pytest.approx(np.mean([*found.bands.values()]))
    assert [(one.what, one.done, one.total) for one in told][-1] == ("training", 12, 12)
    facts = json.loads((found.path / "config.json").read_text())
    assert (facts["inpainter"], facts["latents"]) == (session.inpainter.digest, [4, 16, 8])
    assert found.path == session.workspace.guidance / "small" / found.digest
    assert not [*found.path.parent.glob("state-*")]
    fakes = stages_guide.first_pass(session, "small", TRAIN)
    held = stages_guide._held_out(fakes, TRAIN)
    seen = [{one.sample.pid for one, out in zip(fakes, held, strict=True) if out is side} for side in (True, False)]
    assert len(seen[0]) == 1
    assert not seen[0] & seen[1]


def test_a_stopped_training_ends_like_one_that_was_not_and_a_second_changes_nothing(
    session, place, tmp_path, monkeypatch
):
    monkeypatch.setattr(stages_guide, "SAVED", 5)
    whole = stages_guide.guide(session, "small", TRAIN)
    shutil.copytree(place / "home", tmp_path / "other")
    other = stages.open_session(tmp_path / "other", session.backends)

    class Killed(BaseException):
        pass

    for stop, error in ((4, Cancelled), (8, Killed)):

        def on_progress(now, stop=stop, error=error):
            if now.what == "training" and now.done == stop:
                raise error

        with pytest.raises(error):
            stages_guide.guide(other, "small", TRAIN, on_progress=on_progress)
    steps = []
    again = stages_guide.guide(other, "small", TRAIN, on_progress=lambda now: steps.append((now.what, now.done)))
    assert ("training", 6) in steps
    assert ("training", 5) not in steps  # gone on with
    assert (again.digest, again.bands) == (whole.digest, whole.bands)
    assert stages_guide.guide(other, "small", TRAIN, on_progress=steps.clear).digest == whole.digest
    assert steps  # nothing was encoded or trained: on_progress was never called


def test_when_the_minutes_are_over_there_is_a_discriminator_and_the_same_call_goes_on(session):
    first = stages_guide.guide(session, "small", TRAIN, minutes=0)
    assert (first.finished, first.steps) == (False, 1)
    second = stages_guide.guide(session, "small", TRAIN)
    assert (second.finished, second.steps) == (True, 12)
    assert first.digest != second.digest
    assert first.path.exists()  # what it painted can be painted again


def test_guided_variants_stand_beside_the_others_and_are_painted_again_the_same(session):
    trained = stages_guide.guide(session, "small", TRAIN)
    wish = ExpandSettings(variants=2, limit=2)
    plain = stages_expand.expand(session, "small", wish, paint=QUICK)
    assert (plain.made, plain.kept) == (0, 4)
    nought = stages_expand.expand(
        session, "small", wish, paint=QUICK.model_copy(update={"discriminator": trained.digest})
    )
    assert (nought.made, nought.kept) == (0, 4)  # weight 0 wants the very same files
    found = stages_expand.expand(session, "small", wish, paint=GUIDED)
    assert found.made == 4
    sample = session.catalog.find_samples("small", split="train")[0]
    rows = session.catalog.variants(sample.id)
    guided = [row for row in rows if row.lineage["settings"].get("discriminator_weight")]
    assert len(rows) == 4
    assert {row.lineage["settings"]["discriminator"] for row in guided} == {trained.digest}
    for row in guided:
        twin = next(one for one in rows if one not in guided and one.seed == row.seed)
        assert (stages.variant_image(session, twin) != stages.variant_image(session, row)).any()
    again = stages.replay(opened(session), session.workspace.home / guided[0].file)
    assert (again.identical, again.max_diff) == (True, 0)
    assert stages_expand.expand(opened(session), "small", wish, paint=GUIDED).made == 0
    assert stages_guide.guide(session, "small", TRAIN).digest == trained.digest  # guided ones are no first pass


def test_painting_one_photo_names_its_discriminator(session):
    trained = stages_guide.guide(session, "small", TRAIN)
    photo = stages.sample_photo(session, session.catalog.find_samples("small", split="train")[0])
    mask = stages.parse_photo(session, photo).mask
    named = stages.named(session, GUIDED, "small")
    assert named.discriminator == trained.digest
    (variant,) = stages.paint(opened(session), photo, mask, ["red dress"], [1], settings=named)
    assert variant.lineage["settings"]["discriminator"] == trained.digest
    with pytest.raises(SettingError, match="which discriminator"):
        stages.paint(session, photo, mask, ["red dress"], [1], settings=GUIDED)
    with pytest.raises(UsageError, match="no discriminator was trained on 'world'"):
        stages.named(session, GUIDED, "world")
    with pytest.raises(UsageError, match="no discriminator abababababababab in this workspace"):
        stages.paint(session, photo, mask, ["red dress"], [1], settings=stages.named(session, GUIDED, "ab" * 8))


def test_a_discriminator_of_another_inpainter_is_a_clear_error(session, tmp_path):
    stages_guide.guide(session, "small", TRAIN)
    other = opened(session, inpainter=f"sd:{save_tiny(tmp_path / 'other', 'tiny')}")
    with pytest.raises(BackendError, match=r"knows the pictures of the model .* not of sd:.*dlcr guide"):
        stages_expand.expand(other, "small", ExpandSettings(variants=1, limit=1), paint=GUIDED)
    with pytest.raises(UsageError, match="no variants of two people or more by sd:.*dlcr expand small"):
        stages_guide.guide(other, "small", TRAIN)


def test_a_discriminator_learns_to_tell_what_can_be_told(session):
    """Latents that differ plainly: real ones are positive, generated ones negative."""
    import torch

    from dlcr.inpaint.learning import Clock, Learner, Pairs

    torch.manual_seed(0)
    noise = torch.randn(2, 24, 4, 16, 8) * 0.3
    pairs = Pairs((noise[0] + 1).half(), (noise[1] - 1).half(), np.arange(24))
    settings = GuideSettings(steps=60, batch=16, width=8, levels=2, learning_rate=3e-3)
    learner = Learner(pairs, Clock(session.inpainter.sampler.levels()), settings)
    learner.run(60, lambda done, loss: None)
    bands = learner.accuracy(pairs)
    assert bands["200-400"] > 0.95
    assert bands["200-400"] >= bands["800-1000"]  # the more noise, the less can be told
