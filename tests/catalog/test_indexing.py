"""Indexing folder by folder: against plain bookkeeping, through interruption, and what is told of files."""

from collections.abc import Iterator

import numpy as np
import pytest

from dlcr.catalog import Catalog, Checked, Finding, FolderRows, Indexed
from dlcr.core.errors import CatalogError

Set = dict[str, dict[str, tuple[str, int, int, str, int]]]
"""folder -> name -> (split, pid, camid, clothes_id, size)"""
SET: Set = {
    "a": {"1.jpg": ("train", 1, 0, "1_1", 10), "2.jpg": ("train", 1, 1, "1_2", 11)},
    "a/b": {"1.jpg": ("query", 2, 0, "2_1", 12), "2.jpg": ("gallery", 2, 1, "2_1", 13)},
    "": {"top.jpg": ("gallery", 3, 1, "", 14)},
}


def rows(found: Set) -> Iterator[FolderRows]:
    for path, files in found.items():
        columns = [list(column) for column in zip(*files.values(), strict=True)]
        *labels, sizes = columns
        yield FolderRows(path, repr(files), list(files), *labels, [None] * len(files), sizes, sizes)


def index(catalog: Catalog, found: Set, rules: str = "prcc") -> Indexed:
    run = catalog.begin_index("set", "/data/set", "prcc", rules)
    done = catalog.put_folders(run, [one for one in rows(found) if run.known.get(one.path) != one.digest])
    gone = catalog.end_index(run, list(found))
    return Indexed(done.new, done.kept, done.changed, done.gone + gone)


def listed(catalog: Catalog) -> dict[str, tuple]:
    return {
        row.image.as_posix(): (row.split, row.pid, row.camid, row.clothes_id)
        for row in catalog.find_samples("set", limit=1000)
    }


def flat(found: Set) -> dict[str, tuple]:
    return {
        f"{folder}/{name}".lstrip("/"): labels[:4] for folder, files in found.items() for name, labels in files.items()
    }


def test_what_is_put_is_listed_and_unchanged_folders_are_known(catalog: Catalog):
    assert index(catalog, SET) == Indexed(new=5, kept=0, changed=0, gone=0)
    assert listed(catalog) == flat(SET)
    run = catalog.begin_index("set", "/data/set", "prcc", "prcc")
    assert [one for one in rows(SET) if run.known.get(one.path) != one.digest] == []
    assert index(catalog, SET) == Indexed(0, 0, 0, 0)


def test_changed_new_and_vanished_files_are_noticed(catalog: Catalog):
    index(catalog, SET)
    first = catalog.find_sample("set", "a/1.jpg").id
    later: Set = {
        "a": {"1.jpg": ("train", 1, 0, "1_1", 99), "3.jpg": ("train", 1, 1, "1_2", 11)},
        "": SET[""],
        "c": {"1.jpg": ("train", 4, 0, "4_1", 1)},
    }
    assert index(catalog, later) == Indexed(new=2, kept=1, changed=1, gone=3)
    assert listed(catalog) == flat(later)
    assert catalog.find_sample("set", "a/1.jpg").id == first
    assert index(catalog, SET) == Indexed(new=3, kept=1, changed=1, gone=2)
    assert listed(catalog) == flat(SET)


def test_new_rules_label_everything_again(catalog: Catalog):
    index(catalog, SET)
    relabelled: Set = {
        folder: {n: (s, p + 100, c, o, z) for n, (s, p, c, o, z) in fs.items()} for folder, fs in SET.items()
    }
    assert index(catalog, relabelled, rules="folder") == Indexed(new=0, kept=5, changed=5, gone=0)
    assert listed(catalog) == flat(relabelled)


def test_a_random_history_ends_as_the_last_state(catalog: Catalog):
    rng = np.random.default_rng(7)
    for _ in range(12):
        state: Set = {}
        for folder in rng.choice(["", "a", "a/b", "c", "d"], size=3, replace=False):
            names = rng.choice(8, size=rng.integers(1, 6), replace=False)
            state[str(folder)] = {
                f"{n}.jpg": ("train", int(rng.integers(3)), 0, "x", int(rng.integers(3))) for n in names
            }
        before = listed(catalog) if catalog.datasets() else {}
        done = index(catalog, state)
        assert listed(catalog) == flat(state)
        assert done.gone == len(before.keys() - flat(state).keys())
        assert catalog.count_samples("set") == len(flat(state))


def test_a_run_that_stops_midway_is_taken_up(catalog: Catalog):
    many: Set = {f"{n:03}": {f"{i}.jpg": ("train", n, 0, f"{n}", i) for i in range(500)} for n in range(20)}
    run = catalog.begin_index("set", "/data/set", "prcc", "prcc")

    def interrupted() -> Iterator[FolderRows]:
        yield from list(rows(many))[:17]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.put_folders(run, interrupted())
    kept = catalog.count_samples("set")
    assert kept == 8000
    assert catalog.summary(run.dataset.id).images == kept
    assert index(catalog, many) == Indexed(new=10_000 - kept, kept=0, changed=0, gone=0)
    assert catalog.count_samples("set") == 10_000


@pytest.mark.parametrize(
    "filters", [{}, {"split": "train"}, {"pid": 2}, {"camid": 1}, {"clothes_id": "2_1", "camid": 1}]
)
def test_tallies_count_as_the_samples_do(catalog: Catalog, filters: dict[str, object]):
    index(catalog, SET)
    assert catalog.count_samples("set", **filters) == len(catalog.find_samples("set", **filters))


def test_files_with_a_flaw_are_listed_apart_until_they_change(catalog: Catalog):
    index(catalog, SET)
    dataset = catalog.dataset("set").id
    todo = catalog.unchecked(dataset)
    assert {image.as_posix() for _, image in todo} == set(flat(SET))
    ids = {image.as_posix(): key for key, image in todo}
    catalog.put_checked(dataset, [Checked(ids["a/1.jpg"], "c1", flaw="truncated", reason="it breaks off")])
    catalog.put_checked(
        dataset, [Checked(key, f"c{key}", 64, 128) for name, key in ids.items() if name != "a/1.jpg"], last=True
    )
    assert catalog.unchecked(dataset) == []
    assert "a/1.jpg" not in listed(catalog)
    assert [(one.image, one.flaw, one.reason) for one in catalog.flawed(dataset)] == [
        ("a/1.jpg", "truncated", "it breaks off")
    ]
    assert catalog.health(dataset).truncated == Finding(1, ("a/1.jpg",))
    assert index(catalog, SET) == Indexed(0, 0, 0, 0)
    assert "a/1.jpg" not in listed(catalog)
    mended: Set = SET | {"a": SET["a"] | {"1.jpg": ("train", 1, 0, "1_1", 77)}}
    assert index(catalog, mended).changed == 1
    assert listed(catalog) == flat(mended)
    assert [image.as_posix() for _, image in catalog.unchecked(dataset)] == ["a/1.jpg"]
    assert catalog.flawed(dataset) == []


def test_health_finds_copies_and_gaps(catalog: Catalog):
    index(catalog, SET)
    dataset = catalog.dataset("set").id
    ids = {image.as_posix(): key for key, image in catalog.unchecked(dataset)}
    content = {"a/1.jpg": "same", "a/2.jpg": "same", "a/b/1.jpg": "two", "a/b/2.jpg": "own", "top.jpg": "two"}
    catalog.put_checked(dataset, [Checked(ids[name], told, 64, 128) for name, told in content.items()], last=True)
    health = catalog.health(dataset)
    assert health.duplicates == Finding(2, ("a/1.jpg = a/2.jpg", "a/b/1.jpg = top.jpg"))
    assert health.two_ids == Finding(1, ("a/b/1.jpg = top.jpg",))
    assert health.people_with_one_outfit == Finding(1, ("2",))
    assert health.outfits_with_one_picture == Finding(2, ("1_1", "1_2"))
    assert health.cameras_without_queries == Finding(1, ("1",))
    assert health.unchecked == 0


def test_unknown_outfits_are_no_outfit(catalog: Catalog):
    index(catalog, SET)
    assert catalog.summary(catalog.dataset("set").id).clothes == 3
    assert catalog.facets("set").clothes_ids == ("1_1", "1_2", "2_1")


def test_misfits_are_remembered_with_their_folder(catalog: Catalog):
    run = catalog.begin_index("set", "/data/set", "prcc", "prcc")
    one = FolderRows("a", "x", [], [], [], [], [], [], [], [], bad=[("stray.jpg", "does not fit")])
    catalog.put_folders(run, [one])
    catalog.end_index(run, ["a"])
    assert [(bad.image, bad.flaw, bad.reason) for bad in catalog.flawed(run.dataset.id)] == [
        ("a/stray.jpg", "misfit", "does not fit")
    ]


def test_rows_of_a_data_set_that_is_not_there_are_refused(catalog: Catalog):
    with pytest.raises(CatalogError, match="no dataset 999"):
        catalog.put_checked(999, [])
