"""The release format both ways: pixel for pixel, and what is wrong with a strip is said."""

from pathlib import Path

import numpy as np
import pytest

from dlcr import stages
from dlcr.core.errors import LayoutError, PhotoError, UsageError
from dlcr.core.images import photo_size, read_photo, write_png
from dlcr.data.release import prompts_text, read_prompts
from tests.data.sets import TABLES, build

PROMPTS = [f"Gray shirt {n}| Blue jeans| Black shoes" for n in range(10)]


@pytest.fixture
def session(tmp_path: Path) -> stages.Session:
    opened = stages.open_session(tmp_path / "home")
    stages.index(opened, build("prcc", tmp_path / "set"), "prcc", "mine")
    return opened


@pytest.fixture
def release(session: stages.Session, tmp_path: Path) -> Path:
    """A release of random pixels for every photo of the small PRCC set."""
    rng = np.random.default_rng(7)
    for name in TABLES["prcc"]:
        width, height = photo_size(tmp_path / "set" / name)
        file = (tmp_path / "release" / name).with_suffix(".png")
        write_png(file, rng.integers(0, 256, (height, width * 10, 3), np.uint8))
        file.with_suffix(".txt").write_text("\n".join(PROMPTS))
    return tmp_path / "release"


def test_a_release_comes_in_and_goes_out_pixel_for_pixel(session: stages.Session, release: Path, tmp_path: Path):
    done = stages.import_release(session, release)
    assert (done.dataset, done.images, done.variants, done.new, done.bad) == ("mine", 7, 70, 70, [])
    out = stages.export_release(session, "mine", tmp_path / "out")
    assert (out.images, out.variants, out.bad) == (7, 70, [])
    files = sorted(path.relative_to(release) for path in release.rglob("*.*"))
    assert sorted(path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.*")) == files
    for file in files:
        if file.suffix == ".png":
            assert np.array_equal(read_photo(tmp_path / "out" / file), read_photo(release / file))
        else:
            assert (tmp_path / "out" / file).read_text().splitlines() == PROMPTS


def test_variants_belong_to_the_right_photos_in_order(session: stages.Session, release: Path):
    stages.import_release(session, release, "mine")
    sample = session.catalog.find_sample("mine", "rgb/train/001/C_cropped_rgb001.JPG")
    rows = session.catalog.variants(sample.id)[::-1]
    strip = read_photo(release / "rgb/train/001/C_cropped_rgb001.png")
    width = photo_size(sample.path)[0]
    assert [row.prompt for row in rows] == PROMPTS
    for n, row in enumerate(rows):
        assert np.array_equal(stages.variant_image(session, row), strip[:, n * width : (n + 1) * width])
        assert (row.model, row.mask_id) == ("release", None)


def test_importing_twice_changes_nothing(session: stages.Session, release: Path):
    stages.import_release(session, release)
    again = stages.import_release(session, release)
    assert (again.variants, again.new) == (70, 0)
    sample = session.catalog.find_samples("mine")[0]
    assert len(session.catalog.variants(sample.id)) == 10


def test_what_is_wrong_is_said_and_the_rest_comes_in(session: stages.Session, release: Path):
    folder = release / "rgb/train/001"
    strip = read_photo(folder / "A_cropped_rgb001.png")
    write_png(folder / "A_cropped_rgb001.png", strip[:, :-3])
    (folder / "B_cropped_rgb001.txt").write_text("\n".join(PROMPTS[:9]))
    (folder / "C_cropped_rgb001.txt").write_text("\n".join([*PROMPTS, "one too many"]))
    (release / "rgb/val/002/C_cropped_rgb010.txt").unlink()
    write_png(release / "rgb/val/009/nobody.png", strip)
    (release / "rgb/val/009/nobody.txt").write_text("\n".join(PROMPTS))
    (release / "rgb/test/A/075/cropped_rgb360.png").write_bytes(b"no picture")
    done = stages.import_release(session, release)
    assert done.images == 2
    reasons = dict(done.bad)
    assert [path.rpartition("/")[2] for path in sorted(reasons)] == [
        "cropped_rgb360.png", "A_cropped_rgb001.png", "B_cropped_rgb001.png", "C_cropped_rgb001.png",
        "C_cropped_rgb010.png", "nobody.png",
    ]  # fmt: skip
    says = (
        "not a picture",
        "no multiple of",
        "but there are 9 prompts",
        "but there are 11 prompts",
        "cannot read the prompts",
        "has no photo",
    )
    assert all(words in reasons[path] for path, words in zip(sorted(reasons), says, strict=True))


def test_only_accepted_variants_go_out_if_asked(session: stages.Session, release: Path, tmp_path: Path):
    stages.import_release(session, release)
    sample = session.catalog.find_samples("mine")[0]
    rows = session.catalog.variants(sample.id)[::-1]
    for row in (rows[4], rows[2]):
        session.catalog.add_verdict(row.id, "accepted")
    session.catalog.add_verdict(rows[0].id, "rejected")
    out = stages.export_release(session, "mine", tmp_path / "out", accepted=True)
    assert (out.images, out.variants) == (1, 2)
    (file,) = (tmp_path / "out").rglob("*.txt")
    assert file.read_text().splitlines() == [PROMPTS[2], PROMPTS[4]]


def test_nothing_goes_into_a_data_sets_own_folder(session: stages.Session, tmp_path: Path):
    with pytest.raises(UsageError, match="never written to"):
        stages.export_release(session, "mine", tmp_path / "set" / "out")
    assert not (tmp_path / "set" / "out").exists()


def test_a_folder_that_is_no_release_or_of_unknown_photos_is_told(session: stages.Session, tmp_path: Path):
    with pytest.raises(LayoutError, match="no release"):
        stages.import_release(session, tmp_path / "set", "mine")
    write_png(tmp_path / "other" / "stranger.png", np.zeros((20, 200, 3), np.uint8))
    (tmp_path / "other" / "stranger.txt").write_text("\n".join(PROMPTS))
    with pytest.raises(UsageError, match="no photo of a known data set"):
        stages.import_release(session, tmp_path / "other")


def test_a_release_that_fits_two_data_sets_asks_which(session: stages.Session, release: Path, tmp_path: Path):
    stages.index(session, tmp_path / "set", "prcc", "again")
    with pytest.raises(UsageError, match="fit again, mine equally"):
        stages.import_release(session, release)


def test_an_imported_variant_says_that_it_cannot_be_painted_again(session: stages.Session, release: Path):
    stages.import_release(session, release)
    row = session.catalog.variants(session.catalog.find_samples("mine")[0].id)[0]
    with pytest.raises(PhotoError, match="carries no lineage"):
        stages.replay(session, session.workspace.home / row.file)


def test_a_prompt_behind_a_byte_order_mark_comes_back_as_it_was_read(tmp_path):
    (tmp_path / "a.txt").write_bytes("\t\ufeffred shirt\n\ufeff\n".encode())
    found = read_prompts(tmp_path / "a.txt")
    assert found == ("red shirt",)
    (tmp_path / "b.txt").write_text(prompts_text(("\ufeffred shirt",)), encoding="utf-8")
    assert read_prompts(tmp_path / "b.txt") == found
