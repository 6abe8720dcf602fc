from pathlib import Path

import pytest

from dlcr.catalog import Catalog, VariantRow
from dlcr.core.errors import CatalogError, UsageError


@pytest.fixture
def mask(catalog: Catalog, first: int) -> int:
    return catalog.add_mask(first, "masks/1.png", "aa", "parser:demo", {}, 0.25).id


@pytest.fixture
def variant(catalog: Catalog, first: int, mask: int) -> VariantRow:
    return catalog.add_variant(first, mask, "variants/1.png", "red coat", 2**40, "demo", {"steps": 20, "红": [1.5]})


def test_variant_comes_back_as_it_went(catalog: Catalog, first: int, mask: int, variant: VariantRow):
    assert catalog.variant(variant.id) == variant
    assert (variant.sample_id, variant.mask_id, variant.file) == (first, mask, Path("variants/1.png"))
    assert (variant.prompt, variant.seed, variant.model) == ("red coat", 2**40, "demo")
    assert variant.lineage == {"steps": 20, "红": [1.5]}
    assert (variant.checks, variant.verdict, variant.reason) == (None, None, None)


def test_the_same_file_keeps_its_row_and_checks(catalog: Catalog, first: int, mask: int, variant: VariantRow):
    checked = catalog.add_variant(first, mask, variant.file, "red coat", 1, "demo", {}, {"outside_changed": 0})
    again = catalog.add_variant(first, mask, variant.file, "red coat", 1, "demo", {})
    assert variant.id == checked.id == again.id
    assert again.checks == {"outside_changed": 0}
    assert again.seed == 1
    assert len(catalog.variants(first)) == 1


def test_variants_come_newest_first_with_their_latest_verdict(catalog: Catalog, first: int, mask: int):
    made = [catalog.add_variant(first, mask, f"variants/{n}.png", "coat", n, "demo", {}) for n in range(3)]
    catalog.add_verdict(made[0].id, "accepted", "good")
    catalog.add_verdict(made[2].id, "accepted")
    catalog.add_verdict(made[0].id, "rejected", "sleeve lost")
    told = [(row.seed, row.verdict, row.reason) for row in catalog.variants(first)]
    assert told == [(2, "accepted", ""), (1, None, None), (0, "rejected", "sleeve lost")]
    assert catalog.variant(made[0].id).verdict == "rejected"


def test_what_does_not_fit_is_refused(catalog: Catalog, first: int, mask: int, variant: VariantRow):
    with pytest.raises(CatalogError, match="no sample 999"):
        catalog.add_variant(999, mask, "variants/2.png", "coat", 1, "demo", {})
    with pytest.raises(CatalogError, match="mask 999 is none of sample"):
        catalog.add_variant(first, 999, "variants/2.png", "coat", 1, "demo", {})
    with pytest.raises(CatalogError, match=f"mask {mask} is none of sample {first + 1}"):
        catalog.add_variant(first + 1, mask, "variants/2.png", "coat", 1, "demo", {})
    other = catalog.add_mask(first + 1, "masks/2.png", "bb", "brush", {}, 0.2).id
    with pytest.raises(CatalogError, match=f"variant of sample {first}"):
        catalog.add_variant(first + 1, other, variant.file, "coat", 1, "demo", {})
    with pytest.raises(CatalogError, match="no variant 999"):
        catalog.variant(999)
    with pytest.raises(CatalogError, match="no variant 999"):
        catalog.add_verdict(999, "accepted")
    with pytest.raises(UsageError, match="accepted, rejected"):
        catalog.add_verdict(variant.id, "maybe")


def test_the_gate_takes_back_its_own_verdict_and_never_a_persons(catalog: Catalog, first: int, mask: int):
    made = [catalog.add_variant(first, mask, f"variants/{n}.png", "coat", n, "demo", {}).id for n in range(3)]
    catalog.add_verdict(made[0], "accepted", "good")
    catalog.put_gate({made[0]: "seam 3 > 2", made[1]: "seam 4 > 2"}, [made[2]])
    told = [(row.verdict, row.reason, row.judge) for row in catalog.variants_of([first])]
    assert told == [("accepted", "good", "user"), ("rejected", "seam 4 > 2", "gate"), (None, None, None)]
    catalog.put_gate({made[2]: "drift 1 > 0.5"}, made[:2])
    told = [(row.verdict, row.reason, row.judge) for row in catalog.variants_of([first])]
    assert told == [("accepted", "good", "user"), (None, None, None), ("rejected", "drift 1 > 0.5", "gate")]
    catalog.add_verdict(made[2], "accepted")
    catalog.put_gate({made[2]: "drift 1 > 0.5"}, [])
    assert catalog.variant(made[2]).verdict == "accepted"


def test_checks_are_kept_with_their_variants(catalog: Catalog, first: int, mask: int, variant: VariantRow):
    catalog.put_checks({variant.id: {"drift": 0.25, "by": {"drift": "imagenet"}}})
    assert catalog.variant(variant.id).checks == {"drift": 0.25, "by": {"drift": "imagenet"}}
