"""Addresses say what is on the desk, and nonsense in one does no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcr import stages
from dlcr.core.errors import MaskError
from pages._studio_desk import Desk, Find, View, edit, keep, open_sample, read_address


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
