from pathlib import Path

import pytest

from dlcr.catalog import Catalog
from dlcr.core.errors import CatalogError


def test_versions_count_up_by_sample(catalog: Catalog, first: int):
    second = first + 1
    one = catalog.add_mask(first, "masks/1.png", "aa", "parser:demo", {"grow": 2}, 0.25)
    two = catalog.add_mask(first, Path("masks/2.png"), "bb", "brush", {}, 0.3, parent=one.id)
    other = catalog.add_mask(second, "masks/3.png", "aa", "parser:demo", {}, 0.5)
    assert [one.version, two.version, other.version] == [1, 2, 1]
    assert catalog.masks(first) == [one, two]
    assert catalog.masks(second) == [other]
    assert catalog.mask(two.id) == two
    assert (one.file, one.settings, one.coverage, one.parent) == (Path("masks/1.png"), {"grow": 2}, 0.25, None)
    assert two.parent == one.id


def test_the_newest_version_is_not_added_twice(catalog: Catalog, first: int):
    one = catalog.add_mask(first, "masks/1.png", "aa", "brush", {}, 0.2)
    assert catalog.add_mask(first, "masks/1.png", "aa", "brush", {"other": 1}, 0.2) == one
    two = catalog.add_mask(first, "masks/2.png", "bb", "brush", {}, 0.2)
    back = catalog.add_mask(first, "masks/1.png", "aa", "brush", {}, 0.2)
    again = catalog.add_mask(first, "masks/1.png", "aa", "clicks", {}, 0.2)
    assert [row.id for row in catalog.masks(first)] == [one.id, two.id, back.id, again.id]


def test_what_does_not_fit_is_refused_and_leaves_nothing(catalog: Catalog, first: int):
    mask = catalog.add_mask(first, "masks/1.png", "aa", "brush", {}, 0.2)
    with pytest.raises(CatalogError, match="no sample 999"):
        catalog.add_mask(999, "masks/2.png", "bb", "brush", {}, 0.2)
    with pytest.raises(CatalogError, match="none of sample"):
        catalog.add_mask(first + 1, "masks/2.png", "bb", "brush", {}, 0.2, parent=mask.id)
    for file in ("/somewhere/2.png", "../2.png"):
        with pytest.raises(CatalogError, match="not relative to the workspace"):
            catalog.add_mask(first, file, "bb", "brush", {}, 0.2)
    with pytest.raises(CatalogError, match="no mask 999"):
        catalog.mask(999)
    assert catalog.masks(first) == [mask]
    assert catalog.masks(first + 1) == []
