"""Batches of rows say what single calls say."""

from pathlib import Path

import pytest

from dlcr.catalog import NewCaption, NewVariant


@pytest.fixture
def two_samples(catalog, world):
    return catalog.find_samples("world", clothes_id="1_1")


def test_batches_of_captions_are_the_same_rows_as_one_by_one(catalog, two_samples):
    first, second = two_samples
    catalog.put_caption(first.id, "m", "old", "red shirt")
    catalog.put_captions("m", [NewCaption(first.id, "new", "blue shirt"), NewCaption(second.id, "b", "dress")])
    assert catalog.captioned(first.dataset, "m") == {first.id, second.id}
    assert catalog.captioned(first.dataset, "other") == set()
    assert [row.text for row in catalog.captions(first.dataset, first.clothes_id, "m")] == ["new", "b"]
    catalog.put_captions("m", [])


def test_variants_in_a_batch_are_listed_and_written_once(catalog, two_samples):
    sample = two_samples[0]
    mask = catalog.add_mask(sample.id, "masks/1.png", "d", "test", {}, 0.5)
    made = [
        NewVariant(sample.id, mask.id, Path(f"variants/{i}.png"), "red dress", i, "demo", {"a": i}) for i in range(3)
    ]
    catalog.put_variants(made)
    before = catalog.variants(sample.id)
    catalog.put_variants([*made, NewVariant(sample.id, mask.id, Path("variants/9.png"), "x", 9, "demo", {})])
    assert catalog.variant_files([sample.id]) == {Path(f"variants/{i}.png") for i in (0, 1, 2, 9)}
    assert catalog.variant_files([two_samples[1].id]) == set()
    assert [row for row in catalog.variants(sample.id) if row.seed < 9] == before


def test_the_newest_mask_of_each_sample(catalog, two_samples):
    first, second = two_samples
    catalog.add_mask(first.id, "masks/1.png", "a", "test", {}, 0.5)
    newest = catalog.add_mask(first.id, "masks/2.png", "b", "test", {}, 0.5)
    assert catalog.newest_masks([first.id, second.id]) == {first.id: newest}
