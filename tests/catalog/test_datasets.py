from dataclasses import FrozenInstanceError, asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dlcr.catalog import Catalog, Counts, DatasetRow, Facets
from dlcr.core.errors import UsageError


def test_rows_are_frozen_and_times_are_utc(world: DatasetRow):
    with pytest.raises(FrozenInstanceError):
        world.name = "other"  # type: ignore[misc]
    assert abs(datetime.now(UTC) - world.created) < timedelta(minutes=1)
    assert world.created.utcoffset() == timedelta(0)


def test_putting_a_data_set_again_moves_it_and_keeps_its_id(catalog: Catalog, world: DatasetRow):
    moved = catalog.put_dataset("world", "/elsewhere", "folder")
    assert (moved.id, moved.created) == (world.id, world.created)
    assert (moved.root, moved.layout) == (Path("/elsewhere"), "folder")
    assert catalog.datasets() == [moved]


def test_unknown_data_set_lists_the_known_ones(catalog: Catalog, world: DatasetRow):
    catalog.put_dataset("another", "/data/another", "folder")
    for ask in (catalog.dataset, catalog.find_samples, catalog.facets, catalog.outfit_prompts):
        with pytest.raises(UsageError, match="no data set 'nope'") as caught:
            ask("nope")
        assert "another, world" in caught.value.remedy
    assert catalog.dataset("world") == world


def test_first_use_says_that_nothing_is_known_yet(catalog: Catalog):
    with pytest.raises(UsageError, match="none yet"):
        catalog.dataset("world")


def test_summary_counts_whole_and_by_split(catalog: Catalog, world: DatasetRow):
    summary = catalog.summary(world.id)
    assert (summary.images, summary.pids, summary.clothes, summary.cameras) == (6, 3, 5, 3)
    assert summary.splits == {"gallery": Counts(1, 1, 1, 1), "query": Counts(2, 2, 2, 1), "train": Counts(3, 1, 2, 3)}
    assert asdict(summary)["splits"]["train"] == {"images": 3, "pids": 1, "clothes": 2, "cameras": 3}


def test_summary_of_nothing_is_zero(catalog: Catalog):
    empty = catalog.put_dataset("empty", "/data/empty", "folder")
    summary = catalog.summary(empty.id)
    assert (summary.images, summary.pids, dict(summary.splits)) == (0, 0, {})


def test_facets_are_sorted_values_of_filters(catalog: Catalog, world: DatasetRow):
    outfits = ("1_1", "1_2", "2_1", "2_2", "7_2")
    assert catalog.facets("world") == Facets(("gallery", "query", "train"), (1, 2, 7), (0, 1, 2), outfits)
