"""Menus, counts and tallies against a plain count of the samples, whatever was written and in whatever order."""

import hashlib
from collections import Counter
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcr.catalog import Catalog, Checked, Facets, FolderRows

Labels = tuple[str, int, int, str, int]
"""split, pid, camid, clothes_id, size."""
Set = dict[str, dict[str, Labels]]
LABELS = st.tuples(
    st.sampled_from(["train", "query", "gallery"]), st.sampled_from([0, 1, 7, 10]), st.integers(0, 2),
    st.sampled_from(["", "1_1", "7_2", "10_1"]), st.integers(1, 2),
)  # fmt: skip
FILES = st.dictionaries(st.sampled_from(["1.jpg", "2.jpg", "3.jpg"]), LABELS, min_size=1)
SETS = st.dictionaries(st.sampled_from(["", "a", "a/b", "c"]), FILES, max_size=3)
STEPS = st.lists(st.tuples(st.sampled_from(["index", "half", "rules", "flaw", "forget"]), SETS), min_size=1, max_size=6)
NUMBER = count()


def rows(found: Set) -> list[FolderRows]:
    made = []
    for path, files in found.items():
        *labels, sizes = (list(column) for column in zip(*files.values(), strict=True))
        digest = hashlib.md5(repr(sorted(files.items())).encode()).hexdigest()
        made.append(FolderRows(path, digest, list(files), *labels, [None] * len(files), sizes, sizes))
    return made


def flat(found: Set) -> dict[str, Labels]:
    return {f"{path}/{name}".lstrip("/"): labels for path, files in found.items() for name, labels in files.items()}


def index(catalog: Catalog, name: str, found: Set, rules: str = "") -> None:
    run = catalog.begin_index(name, "/data/set", "prcc", rules)
    catalog.put_folders(run, [one for one in rows(found) if run.known.get(one.path) != one.digest])
    catalog.end_index(run, list(found))


class Book:
    """What should be listed: plain bookkeeping beside the catalog."""

    def __init__(self, catalog: Catalog, name: str):
        self.catalog, self.name = catalog, name
        self.listed: dict[str, Labels] = {}
        self.flawed: dict[str, int] = {}
        self.rules = 0

    def step(self, kind: str, found: Set) -> None:
        catalog, name, there = self.catalog, self.name, flat(found)
        if kind in ("index", "rules", "half"):
            self.rules += kind == "rules"
            if kind == "half":  # stopped before its end: folders new to the set count, what is gone is not known yet
                run = catalog.begin_index(name, "/data/set", "prcc", str(self.rules))
                found = {path: files for path, files in found.items() if path not in run.known}
                catalog.put_folders(run, rows(found))
                self.listed |= flat(found)
                return
            index(catalog, name, found, str(self.rules))
            self.flawed = {image: size for image, size in self.flawed.items() if there.get(image, (0,))[-1] == size}
            self.listed = {image: labels for image, labels in there.items() if image not in self.flawed}
        elif kind == "flaw" and self.listed:
            image = min(self.listed)
            row = catalog.find_sample(name, image)
            dataset = catalog.dataset(name).id
            catalog.put_checked(dataset, [Checked(row.id, "x", flaw="tiny", reason="small")], last=len(found) > 1)
            self.flawed[image] = self.listed.pop(image)[-1]
        elif kind == "forget" and self.known:
            catalog.forget_dataset(name)
            self.listed, self.flawed = {}, {}

    @property
    def known(self) -> bool:
        return self.name in {row.name for row in self.catalog.datasets()}

    def check(self) -> None:
        if not self.known:
            return
        columns = list(zip(*self.listed.values(), strict=True)) or [()] * 5
        splits, pids, camids, outfits = (tuple(sorted({*column})) for column in columns[:4])
        assert self.catalog.facets(self.name) == Facets(splits, pids, camids, tuple(filter(None, outfits)))
        for place, label in enumerate(("split", "pid", "camid", "clothes_id")):
            for value, images in Counter(columns[place]).items():
                assert self.catalog.count_samples(self.name, **{label: value}) == images
        for (split, camid), images in Counter(zip(columns[0], columns[2], strict=True)).items():
            assert self.catalog.count_samples(self.name, split=split, camid=camid) == images
            found = self.catalog.find_samples(self.name, split=split, camid=camid, limit=1000)
            assert len(found) == images
        assert self.catalog.count_samples(self.name) == len(self.listed)
        summary = self.catalog.summary(self.catalog.dataset(self.name).id)
        assert (summary.images, summary.bytes) == (len(self.listed), sum(columns[4]))


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_menus_and_counts_are_those_of_a_plain_count(catalog: Catalog, steps: list[tuple[str, Set]]):
    book = Book(catalog, f"set {next(NUMBER)}")
    for kind, found in steps:
        book.step(kind, found)
        book.check()
