"""Pages, counts and menus of 1,000,000 catalog rows, each wanted below 50 ms.

Pages are asked at the beginning, the middle and the end of the set; of these the slowest counts. The peer is the usual way to
the last page, LIMIT with OFFSET; the floor reads as many rows by their ids. Each query's time is the best of several; `queries`
holds (clock, processor) milliseconds of all, those by words apart, of which the first after a change reads every name. Each file
has a name of its own, as in Market-1501: in sets by folders with numbered files words take half the time.

    python benchmarks/bench_catalog.py [--rows 1000000]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from dlcr.catalog import Catalog, FolderRows

PAGE = 60
TRIES = 5


def spent(work: Callable[[], Any], tries: int = TRIES) -> tuple[float, float]:
    """Best milliseconds on the clock, and of this process alone."""
    clock, busy = [], []
    for _ in range(tries):
        start, computing = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - start)
        busy.append(time.process_time() - computing)
    return round(min(clock) * 1000, 2), round(min(busy) * 1000, 2)


def many(rows: int) -> Iterator[FolderRows]:
    """A large set for the catalog alone: 200 pictures a person, three splits, 12 cameras, 10 outfits a person."""
    n = range(200)
    for person in range(rows // 200):
        split = ("train", "train", "train", "gallery", "query")[person % 5]
        yield FolderRows(
            f"{split}/{person:05}", str(person), [f"{person:05}_{i:06}.jpg" for i in n], [split] * 200, [person] * 200,
            [i % 12 for i in n], [f"{person:05}_{i % 10}" for i in n], [None] * 200, [1000] * 200, [person] * 200,
        )  # fmt: skip


def fill(catalog: Catalog, rows: int) -> int:
    """The set in the catalog, 200 of its outfits with prompts; its id."""
    run = catalog.begin_index("large", "/nowhere", "prcc", "")
    catalog.put_folders(run, many(rows))
    catalog.end_index(run, [f"{row.path}" for row in many(rows)])
    for person in range(0, rows // 200, max(1, rows // 40_000)):
        catalog.add_prompt("large", f"{person:05}_3", "green coat | black skirt", "hand")
    return run.dataset.id


def query_times(catalog: Catalog, dataset: int, rows: int) -> dict[str, tuple[float, float]]:
    """Every kind of question that the pages ask."""
    person, last = rows // 200 - 3, rows - 30
    kinds: dict[str, dict[str, Any]] = {
        "all": {}, "split": {"split": "query"}, "pid": {"pid": person}, "camid": {"camid": 11},
        "outfit": {"clothes_id": f"{person:05}_3"}, "split and camera": {"split": "gallery", "camid": 7},
        "split and pid": {"split": "train", "pid": person}, "nothing": {"split": "query", "pid": 0, "camid": 3},
    }  # fmt: skip
    found = {}
    for name, exact in kinds.items():
        places: list[dict[str, Any]] = [{"after": at} for at in (0, rows // 2, last)]
        places += [{"before": at} for at in (rows // 2, last)]
        found[f"page: {name}"] = max(
            spent(partial(catalog.find_samples, "large", **exact, **place, limit=PAGE)) for place in places
        )
        found[f"count: {name}"] = spent(partial(catalog.count_samples, "large", **exact))
    found["menus"] = spent(lambda: catalog.facets("large"))
    found["spread"] = spent(lambda: catalog.spread("large"))
    found["summary"] = spent(lambda: catalog.summary(dataset))
    found["prompts of outfits"] = spent(lambda: catalog.outfit_prompts("large"))
    return found


def word_times(catalog: Catalog) -> dict[str, tuple[float, float]]:
    """First pages and counts by words: in many names, in one of 200, in a prompt, in one outfit, nowhere."""
    found = {"first word, samples read": spent(partial(catalog.count_samples, "large", words="first"), 1)}
    for word in ("train", "000123", "coat", "00004_3", "nowhere"):
        found[f"page: {word}"] = spent(partial(catalog.find_samples, "large", words=word, limit=PAGE), 2)
        found[f"count: {word}"] = spent(partial(catalog.count_samples, "large", words=word), 2)
    return found


def page_queries(file: Path, dataset: int, rows: int) -> tuple[float, float]:
    """Milliseconds of the last page by OFFSET, and of as many rows by their ids."""
    raw = sqlite3.connect(file)
    offset = (
        f"SELECT * FROM samples WHERE dataset_id = {dataset} AND present ORDER BY id LIMIT {PAGE} OFFSET {rows - PAGE}"
    )
    ids = ", ".join(str(rows - PAGE + place) for place in range(PAGE))
    peer = spent(lambda: raw.execute(offset).fetchall())[0]
    floor = spent(lambda: raw.execute(f"SELECT * FROM samples WHERE id IN ({ids})").fetchall())[0]
    raw.close()
    return peer, floor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dlcr-bench-") as home:
        file = Path(home) / "catalog.sqlite"
        catalog = Catalog.open(f"sqlite:///{file}")
        dataset = fill(catalog, given.rows)
        queries, words = query_times(catalog, dataset, given.rows), word_times(catalog)
        peer, floor = page_queries(file, dataset, given.rows)
        catalog.close()
    ours = queries["page: all"][0]
    result = {
        "name": "catalog, last page", "ours": ours / 1000, "peer": peer / 1000, "ratio": peer / ours, "floor": floor / 1000,
        "peer_is": "LIMIT with OFFSET", "wanted_ms": 50, "slowest_ms": max(queries.values()),
    }  # fmt: skip
    machine = {"cpus": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0], "python": platform.python_version()}
    machine |= {"sqlite": sqlite3.sqlite_version}
    print(json.dumps({"results": [result], "queries": queries, "words": words, "rows": given.rows, "machine": machine}))


if __name__ == "__main__":
    main()
