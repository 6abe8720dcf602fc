"""All samples of a set at once: in order of name, kept until the set changes, the same for everyone who asks."""

from pathlib import Path

from dlcr.catalog import Catalog
from dlcr.core.values import Sample


def photo(name: str, split: str = "train", pid: int = 1) -> Sample:
    return Sample(Path(name), split, pid, 0, f"{pid}_1", None)


def put(catalog: Catalog, *names: str, split: str = "train") -> int:
    row = catalog.put_dataset("set", Path("/photos"), "folder")
    catalog.put_samples(row.id, [photo(name, split) for name in names])
    return row.id


def names(catalog: Catalog, split: str | None = None) -> list[str]:
    return [one.image.as_posix() for one in catalog.every_sample("set", split)]


def test_samples_come_in_order_of_name_and_by_split(catalog: Catalog) -> None:
    row = catalog.put_dataset("set", Path("/photos"), "folder")
    catalog.put_samples(row.id, [photo("b/2.jpg", "query"), photo("a/1.jpg"), photo("b/1.jpg")])
    assert names(catalog) == ["a/1.jpg", "b/1.jpg", "b/2.jpg"]
    assert names(catalog, "query") == ["b/2.jpg"]
    assert names(catalog, "gallery") == []
    whole = catalog.every_sample("set")
    assert sorted(whole, key=lambda one: one.id) == catalog.find_samples("set", limit=99)
    assert catalog.every_sample("set") is whole, "kept"


def test_a_change_by_anyone_is_seen(catalog: Catalog) -> None:
    put(catalog, "a.jpg", "b.jpg")
    other = Catalog(catalog._engine)
    assert names(other) == ["a.jpg", "b.jpg"]
    before = other.every_sample("set").fingerprint
    put(catalog, "b.jpg", "c.jpg")
    assert names(other) == ["b.jpg", "c.jpg"]
    assert other.every_sample("set").fingerprint != before
    catalog.put_dataset("set", Path("/elsewhere"), "folder")
    assert other.every_sample("set")[0].path == Path("/elsewhere/b.jpg")


def test_the_fingerprint_tells_labels_and_not_ids(catalog: Catalog) -> None:
    put(catalog, "b.jpg")
    put(catalog, "a.jpg", "b.jpg")
    told = catalog.every_sample("set")
    assert [one.id for one in told] == [2, 1]
    other = catalog.put_dataset("other", Path("/photos"), "folder")
    catalog.put_samples(other.id, [photo("a.jpg"), photo("b.jpg")])
    assert catalog.every_sample("other").fingerprint == told.fingerprint
    put(catalog, "a.jpg", "b.jpg", split="query")
    assert catalog.every_sample("set").fingerprint != told.fingerprint
