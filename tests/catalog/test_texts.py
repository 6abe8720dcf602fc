import pytest

from dlcr.catalog import Catalog
from dlcr.core.errors import CatalogError


def test_a_model_says_one_thing_of_a_sample(catalog: Catalog, first: int):
    catalog.put_caption(first, "demo", "a red coat", "red coat")
    later = catalog.put_caption(first, "demo", "a blue coat", "blue coat")
    catalog.put_caption(first, "vlm:big", "a coat", "coat")
    second = catalog.put_caption(first + 1, "demo", "a coat", "coat")
    catalog.put_caption(first + 2, "demo", "another outfit", "shirt")
    assert catalog.captions("world", "1_1", "demo") == [later, second]
    assert (later.text, later.outfit, later.sample_id) == ("a blue coat", "blue coat", first)


def test_captions_of_unknown_samples_are_refused(catalog: Catalog, first: int):
    with pytest.raises(CatalogError, match="no sample 999"):
        catalog.put_caption(999, "demo", "text", "coat")


def test_prompts_have_versions_and_no_repeats(catalog: Catalog, first: int):
    one = catalog.add_prompt("world", "1_1", "red coat", "vote")
    assert catalog.add_prompt("world", "1_1", "red coat", "user") == one
    two = catalog.add_prompt("world", "1_1", "blue coat", "user")
    three = catalog.add_prompt("world", "1_1", "red coat", "user")
    assert [row.version for row in (one, two, three)] == [1, 2, 3]
    assert catalog.prompts("world", "1_1") == [one, two, three]
    assert catalog.prompts("world", "1_2") == []


def test_outfit_prompts_are_the_newest_of_each_outfit_worn(catalog: Catalog, first: int):
    for clothes_id, text in [("2_2", "shirt"), ("1_1", "coat"), ("1_1", "red coat"), ("7_2", "dress"), ("9_9", "gone")]:
        catalog.add_prompt("world", clothes_id, text, "user")
    catalog.put_dataset("other", "/data/other", "folder")
    catalog.add_prompt("other", "1_1", "hat", "user")
    told = [(row.clothes_id, row.text, row.version) for row in catalog.outfit_prompts("world")]
    assert told == [("1_1", "red coat", 2), ("2_2", "shirt", 1), ("7_2", "dress", 1)]
    assert [row.clothes_id for row in catalog.outfit_prompts("world", split="query")] == ["2_2", "7_2"]
    assert [row.clothes_id for row in catalog.outfit_prompts("world", limit=1)] == ["1_1"]
