"""Coverage of a split against a count by hand."""

from dlcr.catalog import Catalog, PersonCoverage


def test_coverage_counts_usable_variants_by_photo_and_person(catalog: Catalog, first: int):
    second = catalog.find_sample("world", "a/2.jpg").id
    made = [
        catalog.add_variant(sample, None, f"variants/{n}.png", prompt, n, "demo", {}).id
        for n, (sample, prompt) in enumerate([(first, "coat"), (first, "dress"), (first, "coat"), (second, "coat")])
    ]
    catalog.add_verdict(made[1], "rejected")
    catalog.add_verdict(made[2], "rejected")
    catalog.add_verdict(made[2], "accepted")
    found = catalog.coverage("world", "train")
    assert found.photos == {0: 1, 1: 1, 2: 1}
    assert found.people == (PersonCoverage(pid=1, photos=3, outfits=2, variants=4, rejected=1, prompts=1),)
    assert found.sum("variants") == 4
    assert catalog.coverage("world", "query").photos == {0: 2}


def test_the_newest_variants_come_with_their_photos(catalog: Catalog, first: int):
    query = catalog.find_sample("world", "b/3.jpg").id
    for n, sample in enumerate((first, query, first)):
        catalog.add_variant(sample, None, f"variants/{n}.png", "coat", n, "demo", {})
    pairs = catalog.newest_variants("world", "train", 1)
    assert [(sample.id, variant.seed) for sample, variant in pairs] == [(first, 2)]
    assert [variant.seed for _, variant in catalog.newest_variants("world", "train")] == [2, 0]
    assert catalog.newest_variant() == pairs[0][1].id


def test_a_split_without_variants_is_all_zeros(catalog: Catalog, first: int):
    assert catalog.coverage("world", "gallery").photos == {0: 1}
    assert (catalog.newest_variants("world", "train"), catalog.newest_variant()) == ([], 0)
