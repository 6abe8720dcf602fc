"""From an opened photo to a kept mask, with the embedded parser and no browser."""

import pytest

from dlcr import stages
from pages import _studio_view as view
from pages._studio_desk import Desk, edit, keep, mask_facts, open_sample, open_version, parse


@pytest.fixture
def desk(session: stages.Session) -> Desk:
    desk = Desk()
    open_sample(session, desk, 3)
    parse(session, desk)
    return desk


def test_a_fresh_photo_starts_from_the_automatic_mask(session: stages.Session, desk: Desk) -> None:
    assert "IoU to automatic 1.000" in mask_facts(desk)
    assert keep(session, desk) is desk.version
    assert view.editor_value(desk)["ready"]


def test_a_kept_edit_opens_again_as_it_was(session: stages.Session, desk: Desk) -> None:
    automatic = desk.version
    edit(session, desk, {"seq": 1, "kind": "choose", "classes": ["upper"], "grow": 2, "protect": True})
    edit(session, desk, {"seq": 2, "kind": "stroke", "points": [[10, 20], [30, 20]], "size": 7, "erase": False})
    mask, kept = desk.draft.mask, keep(session, desk)
    assert kept.parent == automatic.id
    open_version(session, desk, automatic)
    open_version(session, desk, kept)
    assert (desk.draft.mask == mask).all()
    assert desk.draft.layers.choice.classes == ("upper",)


def test_an_edit_that_was_undone_makes_no_version(session: stages.Session, desk: Desk) -> None:
    before = desk.version
    edit(session, desk, {"seq": 1, "kind": "stroke", "points": [[5, 5]], "size": 9, "erase": False})
    edit(session, desk, {"seq": 2, "kind": "undo"})
    assert keep(session, desk) is before


def test_a_click_changes_the_mask_and_can_be_undone(session: stages.Session, desk: Desk) -> None:
    before = desk.draft.mask
    edit(session, desk, {"seq": 1, "kind": "click", "point": [64, 100], "add": False})
    assert (desk.draft.mask != before).any()
    edit(session, desk, {"seq": 2, "kind": "undo"})
    assert (desk.draft.mask == before).all()
