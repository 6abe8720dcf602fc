"""The main job through the stage functions, with the embedded data set and models."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dlcr import stages
from dlcr.core.errors import Cancelled, MaskError, PhotoError, PromptError
from dlcr.core.files import mark
from dlcr.core.images import png_bytes
from dlcr.core.settings import PaintSettings

PROMPT = "red t-shirt | blue jeans | white shoes"
QUICK = PaintSettings(steps=3, batch=2)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return stages.open_session(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def sample(session):
    return session.catalog.find_samples("world", split="gallery", limit=1)[0]


@pytest.fixture(scope="module")
def scene(session, sample):
    photo = stages.sample_photo(session, sample)
    return photo, stages.parse_photo(session, photo)


def test_a_fresh_workspace_knows_the_embedded_world(session):
    summary = session.catalog.summary(session.catalog.dataset("world").id)
    assert summary.images == 1680
    assert set(summary.splits) == {"train", "gallery", "query"}


def test_opening_a_workspace_clears_away_what_killed_programs_left_half_written(tmp_path):
    write = (
        "import sys; from pathlib import Path; from dlcr.core.files import mark; print(mark(Path(sys.argv[1]), 'seen'))"
    )
    left = subprocess.run([sys.executable, "-c", write, str(tmp_path)], stdout=subprocess.PIPE, text=True, check=True)
    own = mark(tmp_path, "seen")
    assert Path(left.stdout.strip()).exists()
    stages.open_session(tmp_path)
    assert not Path(left.stdout.strip()).exists()
    assert own.exists(), "its writer lives"


def test_painting_changes_the_clothes_and_nothing_else(session, scene):
    photo, parsed = scene
    variant = stages.paint(session, photo, parsed.mask, [PROMPT], [7], settings=QUICK, person=parsed.box)[0]
    assert np.array_equal(variant.image[~parsed.mask], photo[~parsed.mask])
    assert (variant.image[parsed.mask] != photo[parsed.mask]).any(axis=1).mean() > 0.9
    assert stages.check_variant(session, photo, variant, parsed.mask, parsed).outside_changed == 0


def test_a_variant_is_the_same_alone_and_in_company(session, scene):
    photo, parsed = scene
    both = stages.paint(session, photo, parsed.mask, [PROMPT, "black dress"], [7, 8], settings=QUICK)
    alone = stages.paint(session, photo, parsed.mask, ["black dress"], [8], settings=QUICK)
    assert np.array_equal(both[1].image, alone[0].image)
    assert both[1].lineage == alone[0].lineage


def test_what_is_kept_can_be_replayed_from_its_file_alone(session, sample, scene, tmp_path):
    photo, parsed = scene
    _, mask = stages.auto_mask(session, sample.id)
    given = len(session.catalog.variants(sample.id))
    variants = stages.paint(session, photo, parsed.mask, [PROMPT] * 2, [3, 4], settings=QUICK, person=parsed.box)
    for variant in variants:
        row = stages.keep_variant(session, sample.id, mask.id, variant)
        found = stages.replay(session, session.workspace.home / row.file)
        assert (found.identical, found.max_diff, found.differs) == (True, 0, ())
    again = stages.keep_variant(session, sample.id, mask.id, variants[0])
    assert len(session.catalog.variants(sample.id)) == given + 2
    assert np.array_equal(stages.variant_image(session, again), variants[0].image)


def test_replay_sees_a_changed_pixel(session, sample, scene, tmp_path):
    from dlcr.core.values import Variant
    from dlcr.inpaint.lineage import variant_png

    photo, parsed = scene
    variant = stages.paint(session, photo, parsed.mask, [PROMPT], [3], settings=QUICK)[0]
    y, x = np.argwhere(parsed.mask)[0]
    forged = variant.image.copy()
    forged[y, x, 0] ^= 0x40
    (tmp_path / "forged.png").write_bytes(variant_png(Variant(forged, variant.prompt, variant.seed, variant.lineage)))
    found = stages.replay(session, tmp_path / "forged.png")
    assert not found.identical
    assert found.max_diff == 0x40


def test_strength_below_one_keeps_something_and_replays_with_the_photo(session, scene, tmp_path):
    from dlcr.inpaint.lineage import variant_png

    photo, parsed = scene
    half = PaintSettings(steps=4, batch=2, strength=0.5)
    variant = stages.paint(session, photo, parsed.mask, [PROMPT], [3], settings=half)[0]
    path = tmp_path / "half.png"
    path.write_bytes(variant_png(variant))
    with pytest.raises(PhotoError, match="strength"):
        stages.replay(session, path)
    assert stages.replay(session, path, photo).identical


def test_masks_are_versions_and_the_same_mask_is_the_same_version(session, sample, scene):
    _, parsed = scene
    first = stages.auto_mask(session, sample.id)[1]
    assert stages.auto_mask(session, sample.id)[1].id == first.id
    grown = stages.compose_mask(parsed, parsed.labels.clothing, grow=3)
    second = stages.keep_mask(session, sample.id, grown, "user", {"grow": 3}, parent=first.id)
    assert second.version > first.version
    assert np.array_equal(stages.load_mask(session, second.id), grown)
    with pytest.raises(MaskError, match="empty"):
        stages.keep_mask(session, sample.id, np.zeros_like(grown), "user")


def test_describing_an_outfit_reads_every_frame_and_keeps_its_first_prompt(session, sample):
    said, outfit = stages.describe_outfit(session, sample.id)
    frames = session.catalog.find_samples("world", clothes_id=sample.clothes_id)
    assert [sample_id for sample_id, _ in said] == [frame.id for frame in frames]
    assert outfit.items
    assert session.catalog.prompts("world", sample.clothes_id)[0].text == str(outfit)


def test_an_upload_is_a_sample_and_twice_the_same_one(session, scene):
    photo, _ = scene
    wide = np.full((300, 500, 3), 140, np.uint8)
    wide[22:278, 180:308] = photo
    first = stages.add_upload(session, png_bytes(wide), "../../holiday <b>.png")
    assert stages.add_upload(session, png_bytes(wide), "other.png").id == first.id
    assert np.array_equal(stages.sample_photo(session, first), wide)
    assert first.path.parent == session.workspace.uploads
    parsed = stages.parse_photo(session, wide)
    variant = stages.paint(session, wide, parsed.mask, [PROMPT], [1], settings=QUICK, person=parsed.box)[0]
    assert np.array_equal(variant.image[~parsed.mask], wide[~parsed.mask])
    x0, _, x1, _ = variant.lineage["box"]
    assert 100 < x0 < 244 < x1 < 420  # around the person, who stands in the middle of 180 to 308


def test_clicks_go_to_the_chosen_backend(session, scene, tmp_path):
    from dlcr.core.errors import BackendError
    from dlcr.core.settings import Backends

    photo, parsed = scene
    y, x = (int(v) for v in np.argwhere(parsed.mask)[len(np.argwhere(parsed.mask)) // 2])
    assert not stages.refine_mask(session, photo, parsed.mask, [(x, y, False)])[y, x]
    sam = stages.open_session(tmp_path, Backends(clicker="sam:no-such-checkpoint.pth"))
    with pytest.raises(BackendError, match="no-such-checkpoint"):
        stages.refine_mask(sam, photo, parsed.mask, [(x, y, True)])


def test_progress_is_told_and_cancel_stops(session, scene):
    photo, parsed = scene
    told = []

    def on_step(step):
        told.append((step.done, step.index, step.total))
        if step.done == 2 and step.index == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        stages.paint(session, photo, parsed.mask, [PROMPT] * 4, [1, 2, 3, 4], settings=QUICK, on_step=on_step)
    assert told == [(0, 1, 3), (0, 2, 3), (0, 3, 3), (2, 1, 3), (2, 2, 3)]


@pytest.mark.parametrize("prompt", ["", "  | ,", "zeppelin | quasar"])
def test_prompts_that_say_nothing_are_refused(session, prompt):
    with pytest.raises(PromptError):
        stages.understood(session, prompt)


def test_a_photo_without_a_person_is_refused(session):
    with pytest.raises(PhotoError, match="no person"):
        stages.parse_photo(session, np.full((256, 128, 3), 127, np.uint8))


def test_seeds_of_two_runs_are_disjoint_and_the_first_is_the_one_asked_for():
    first, second = stages.variant_seeds(7, 10), stages.variant_seeds(8, 10)
    assert (first[0], second[0]) == (7, 8)
    assert len({*first, *second}) == 20
    assert stages.variant_seeds(7, 4) == first[:4]
