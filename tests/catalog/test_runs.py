import pytest

from dlcr.catalog import Catalog
from dlcr.core.errors import CatalogError, UsageError

RESULT = {"rank1": 0.5, "mAP": 0.25}


def test_a_run_is_added_once_and_says_how_far_it_is(catalog: Catalog, world):
    first = catalog.put_run("a", "world", {"epochs": 24}, {"variants": 0})
    catalog.update_run("a", state="running", epochs=3, images_seen=192, seconds=1.5)
    again = catalog.put_run("a", "world", {"epochs": 24}, {"variants": 0})
    assert (again.id, again.created, again.epochs, again.images_seen) == (first.id, first.created, 3, 192)
    done = catalog.update_run("a", state="done", epochs=24, images_seen=1536, seconds=9.0)
    assert [(row.name, row.state, row.settings) for row in catalog.runs("world")] == [("a", "done", {"epochs": 24})]
    assert done.updated >= first.updated


def test_unknown_runs_states_and_data_sets_are_named(catalog: Catalog, world):
    with pytest.raises(CatalogError, match="no run 'b'"):
        catalog.update_run("b", state="done", epochs=1, images_seen=1, seconds=1)
    with pytest.raises(UsageError, match="sleeping"):
        catalog.update_run("b", state="sleeping", epochs=1, images_seen=1, seconds=1)
    with pytest.raises(UsageError, match="no data set 'moon'"):
        catalog.put_run("b", "moon", {}, {})


def test_the_last_evaluation_of_a_kind_counts(catalog: Catalog, world):
    first = catalog.put_evaluation("a", "world", "cc", 0, {"rank1": 0.1}, "runs/a/cc")
    again = catalog.put_evaluation("a", "world", "cc", 0, RESULT, "runs/a/cc")
    catalog.put_evaluation("a", "world", "cc", 4, RESULT, "runs/a/cc-4")
    catalog.put_evaluation("timm:resnet50", "world", "cc", 0, RESULT, "runs/b/cc")
    assert (first.id, again.result) == (again.id, RESULT)
    assert [row.refine for row in catalog.evaluations("a")] == [0, 4]
    assert len(catalog.evaluations(dataset="world")) == 3


def test_a_deleted_run_takes_its_evaluations_along(catalog: Catalog, world):
    catalog.put_run("a", "world", {}, {})
    catalog.put_evaluation("a", "world", "cc", 0, RESULT, "runs/a/cc")
    catalog.delete_run("a")
    catalog.delete_run("a")
    assert catalog.runs() == catalog.evaluations() == []


def test_rejected_variants_are_never_used_and_others_only_if_asked_for(catalog: Catalog, first):
    mask = catalog.add_mask(first, "masks/1.png", "d", "parser", {}, 0.3).id
    made = [catalog.add_variant(first, mask, f"variants/{n}.png", "red", n, "demo", {}).id for n in range(4)]
    for row, verdict in ((0, "accepted"), (1, "rejected"), (2, "accepted"), (2, "rejected"), (1, "accepted")):
        catalog.add_verdict(made[row], verdict)
    names = {key: [path.name for path in paths] for key, paths in catalog.usable_variants("world", "train").items()}
    assert names == {first: ["0.png", "1.png", "3.png"]}
    accepted = catalog.usable_variants("world", "train", accepted_only=True)
    assert [path.name for path in accepted[first]] == ["0.png", "1.png"]
    assert catalog.usable_variants("world", "gallery") == {}


def test_variants_come_in_the_order_in_which_they_were_chosen(catalog: Catalog, first):
    sources = {"second": {"place": 1}, "own": {}, "again": {"place": 0, "attempt": 1}, "first": {"place": 0}}
    for n, (name, source) in enumerate(sources.items()):
        catalog.add_variant(first, None, f"variants/{name}.png", "red", n, "demo", {"source": source})
    found = catalog.usable_variants("world", "train")[first]
    assert [path.stem for path in found] == ["first", "again", "second", "own"]


def test_guided_variants_are_told_by_their_lineage(catalog: Catalog, first):
    lineages = [
        {},
        {"settings": {"steps": 20}},
        {"settings": {"discriminator_weight": 0.5}},
        {"settings": {"discriminator_weight": 0.0}},
    ]
    mask = catalog.add_mask(first, "masks/1.png", "d", "parser", {}, 0.3).id
    for n, lineage in enumerate(lineages):
        catalog.add_variant(first, mask, f"variants/{n}.png", "red", n, "demo", lineage)
    names = {
        guided: [path.name for path in catalog.usable_variants("world", "train", guided=guided)[first]]
        for guided in (True, False)
    }
    assert names == {True: ["2.png"], False: ["0.png", "1.png", "3.png"]}
