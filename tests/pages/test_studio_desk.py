"""Addresses say what is on the desk, and nonsense in one does no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcr import stages
from dlcr.core.errors import MaskError
from pages._studio_desk import Desk, Find, View, describe, edit, keep, open_sample, parse, read_address


def test_an_address_gives_the_view_again(session: stages.Session) -> None:
    desk = Desk(Find("world", split="train", camid="1", words="red & <b>", after=7))
    open_sample(session, desk, 3)
    desk.compared = 5
    assert read_address("?" + desk.address()) == View(desk.find, sample=3, variant=5)


@given(st.text(max_size=60))
def test_any_text_is_read_as_an_address(query: str) -> None:
    assert isinstance(read_address(query), View)


@pytest.mark.parametrize("query", ["sample=-1", "sample=1e9", "sample=²", "sample=99999999999999999999", "mask=x"])
def test_what_is_no_id_is_left_out(query: str) -> None:
    assert read_address(query) == View(Find())


def test_nothing_can_be_edited_or_kept_before_a_photo_is_parsed(session: stages.Session) -> None:
    desk = Desk()
    with pytest.raises(MaskError):
        edit(session, desk, {"kind": "undo", "seq": 1})
    with pytest.raises(MaskError):
        keep(session, desk)


def test_a_prompt_is_known_when_the_photo_is_described_and_not_by_what_an_earlier_one_still_does(
    session: stages.Session,
) -> None:
    desk = Desk()
    describe(session, desk)  # the page opens without a photo
    assert not desk.described
    open_sample(session, desk, 3)
    describe(session, desk)  # the last step of what came before, while this photo is not parsed yet
    assert not desk.described
    parse(session, desk)
    describe(session, desk)
    assert desk.described
    assert desk.outfit.items
    open_sample(session, desk, 4)
    assert not desk.described
    desk.trouble = True  # nobody is on it: there is nothing to wait for
    describe(session, desk)
    assert desk.described
    assert not desk.outfit.items
