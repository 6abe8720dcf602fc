"""Parsing a data set: a mask a photo, of the clothes alone or with bare limbs; the newest counts, a person's own stays."""

import numpy as np
import pytest

from dlcr import stages, stages_expand, stages_parse
from dlcr.core.errors import SettingError
from dlcr.core.images import read_photo
from dlcr.core.settings import Backends, ExpandSettings, MaskSettings, PaintSettings, checked
from tests.small import save_small

WIDE = MaskSettings(limbs=True, grow=4)


@pytest.fixture
def session(tmp_path):
    found = stages.open_session(tmp_path / "home", Backends(device="cpu"))
    stages.index(found, save_small(tmp_path / "small"), "prcc", "small")
    return found


def newest(session):
    """Every photo's newest mask, by its id."""
    return session.catalog.newest_masks([one.id for one in session.catalog.find_samples("small", limit=99)])


def counts(found):
    return found.made, found.kept, len(found.failures)


def test_masks_with_limbs_are_new_versions_and_hold_the_clothes(session):
    assert counts(stages_parse.parse_dataset(session, "small")) == (12, 0, 0)
    plain = newest(session)
    found = stages_parse.parse_dataset(session, "small", how=WIDE)
    assert counts(found) == (12, 0, 0)
    assert counts(stages_parse.parse_dataset(session, "small", how=WIDE)) == (0, 12, 0)
    wide = newest(session)
    assert {row.source for row in wide.values()} == {"parser:demo, limbs, grown 4"}
    for sample in session.catalog.find_samples("small", limit=99):
        row, mask = wide[sample.id], stages.load_mask(session, wide[sample.id].id)
        parsed = stages.parse_photo(session, read_photo(sample.path))
        limbs = stages.bare_limbs(parsed)
        kept = parsed.labels.where(*parsed.labels.protected) & ~limbs
        assert (row.version, row.settings["limbs"], row.settings["grow"]) == (2, True, 4)
        assert row.settings["person"] == plain[sample.id].settings["person"]
        assert (mask >= (parsed.mask | limbs)).all()
        assert not (mask & kept).any()
        assert mask.sum() > parsed.mask.sum()
    assert found.coverage == pytest.approx(np.mean([row.coverage for row in wide.values()]))


def test_masks_of_the_clothes_alone_become_the_newest_again(session):
    stages_parse.parse_dataset(session, "small")
    before = {key: row.digest for key, row in newest(session).items()}
    stages_parse.parse_dataset(session, "small", how=MaskSettings(limbs=True))
    assert counts(stages_parse.parse_dataset(session, "small")) == (12, 0, 0)
    assert {key: row.digest for key, row in newest(session).items()} == before
    assert {row.version for row in newest(session).values()} == {3}
    assert counts(stages_parse.parse_dataset(session, "small")) == (0, 12, 0)


def test_a_mask_that_a_person_made_stays_the_newest(session):
    first, second = session.catalog.find_samples("small", limit=2)
    stages_parse.parse_dataset(session, "small")
    own = np.zeros(read_photo(first.path).shape[:2], bool)
    own[60:120, 40:80] = True
    for sample in (first, second):
        stages.keep_mask(session, sample.id, own, "hand")
    told = {}
    found = stages_parse.parse_dataset(
        session, "small", how=WIDE, on_mask=lambda sample, row: told.update({sample.id: row.source})
    )
    assert counts(found) == (10, 2, 0)
    rows = newest(session)
    assert [rows[one.id].source for one in (first, second)] == ["hand", "hand"]
    assert [told[one.id] for one in (first, second)] == ["hand", "hand"]
    assert counts(stages_parse.parse_dataset(session, "small")) == (10, 2, 0)
    assert newest(session)[first.id].source == "hand"


def test_expand_paints_through_the_wider_masks(session):
    stages_parse.parse_dataset(session, "small", how=WIDE)
    found = stages_expand.expand(
        session, "small", ExpandSettings(variants=1, limit=2), paint=PaintSettings(steps=2, batch=2)
    )
    assert (found.made, found.failed) == (2, 0)
    masks = newest(session)
    for row in session.catalog.variants_of(list(masks)):
        photo = read_photo(session.catalog.sample(row.sample_id).path)
        image, mask = (
            read_photo(session.workspace.home / row.file), stages.load_mask(session, masks[row.sample_id].id),
        )  # fmt: skip
        assert row.mask_id == masks[row.sample_id].id
        assert np.array_equal(image[~mask], photo[~mask])
        assert (image[mask] != photo[mask]).any(axis=1).mean() > 0.9


def test_a_mask_cannot_grow_beyond_reason():
    with pytest.raises(SettingError, match="grow"):
        checked(MaskSettings, grow=1000)
