"""Protocols against the field's rules, written out plainly."""

from pathlib import Path

import numpy as np
import pytest

from dlcr.core.errors import UsageError
from dlcr.data import LAYOUTS, People, judge, protocol, protocols, read_layout, rows
from dlcr.data.protocols import PROTOCOLS
from tests.data.sets import build


def people(samples) -> People:
    columns = ([s.pid for s in samples], [s.camid for s in samples], [s.clothes_id for s in samples])
    return People(*(np.array(column) for column in columns))


def test_every_layout_says_how_it_is_tested():
    assert set(PROTOCOLS) == set(LAYOUTS)
    assert protocols("prcc") == ("cc", "sc")
    assert protocols("market1501") == ("general",)
    assert protocols("folder") == ()


def test_a_protocol_the_set_lacks_is_wrong_usage():
    with pytest.raises(UsageError, match="'prcc' has no protocol 'general'") as caught:
        protocol("prcc", "general")
    assert "cc, sc" in caught.value.remedy


@pytest.mark.parametrize(
    ("layout", "name", "queries", "gallery"),
    [
        ("prcc", "cc", ["rgb/test/C/075/cropped_rgb002.jpg"], ["rgb/test/A/075/cropped_rgb360.jpg"]),
        ("prcc", "sc", ["rgb/test/B/075/cropped_rgb001.jpg"], ["rgb/test/A/075/cropped_rgb360.jpg"]),
        ("vcclothes", "cc", ["query/0001-03-01-01.jpg"], ["gallery/0001-04-02-11.jpg"]),
        ("vcclothes", "sc", ["query/0001-03-01-01.jpg"], []),
        ("ltcc", "general", ["query/001_2_c1_000001.png"], ["test/001_1_c2_000002.PNG", "test/151_10_c9_000003.png"]),
    ],
)
def test_query_and_gallery_are_the_sets_own(layout, name, queries, gallery, tmp_path: Path):
    samples = read_layout(layout, build(layout, tmp_path / "set")).samples
    chosen = rows(protocol(layout, name), [s.split for s in samples], np.array([s.camid for s in samples]))
    assert [[samples[row].image.as_posix() for row in part] for part in chosen] == [queries, gallery]


def test_the_validation_part_of_last_is_asked_for_by_name(tmp_path: Path):
    samples = read_layout("last", build("last", tmp_path / "set")).samples
    splits, camids = [s.split for s in samples], np.array([s.camid for s in samples])
    found = [[samples[row].split for row in part] for part in rows(protocol("last", "general"), splits, camids, "val")]
    assert found == [["val_query"], ["val_gallery"]]


@pytest.mark.parametrize("name", ["general", "cc", "sc"])
def test_good_and_junk_follow_the_fields_rules(name: str):
    rng = np.random.default_rng(7)
    query, gallery = (
        People(rng.integers(4, size=n), rng.integers(3, size=n), rng.integers(2, size=n).astype(str)) for n in (30, 50)
    )
    good, junk = judge(protocol("ltcc", name), query, gallery)
    for q in range(30):
        for g in range(50):
            person = query.pids[q] == gallery.pids[g]
            camera = query.camids[q] == gallery.camids[g]
            clothes = query.clothes_ids[q] == gallery.clothes_ids[g]
            left_out = {"general": camera, "cc": camera or clothes, "sc": camera or not clothes}[name]
            assert junk[q, g] == (person and left_out)
            assert good[q, g] == (person and not left_out)


def test_only_videos_are_ranked_by_tracklet():
    assert {layout for layout, tests in PROTOCOLS.items() if any(test.tracklets for test in tests)} == {"ccvid"}
