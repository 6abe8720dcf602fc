"""What an outside hand does to finished work: files cut, flipped, lost, the catalog overwritten, rows deleted and altered."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from tools.torture.bench import Bench
from tools.torture.faults import Fault, Hit, Strike

PAGE = 4096
AREAS = {
    "masks": ("parse", "expand"),
    "variants": ("parse", "expand"),
    "runs": ("train", "embed"),
    "features": ("embed",),
}
"""Which verbs make the files of a folder anew."""
DELETED = ("samples", "masks", "captions", "prompts", "variants", "runs", "evaluations", "folders", "tallies")
ALTERED = (
    ("samples", "pid", "pid + 1"), ("samples", "split", "'gallery'"), ("samples", "present", "0"),
    ("masks", "digest", "'0000000000000000'"), ("variants", "prompt", "'nothing'"), ("variants", "seed", "seed + 1"),
    ("variants", "mask_id", "NULL"), ("variants", "model", "'another'"), ("runs", "state", "'running'"),
    ("runs", "epochs", "epochs + 5"), ("tallies", "images", "images + 1"), ("folders", "digest", "'x'"),
)  # fmt: skip
"""Table, column and what it says then."""


def file_cut(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """A file loses its end."""
    path = _some_file(bench, rng)
    data = path.read_bytes()
    path.write_bytes(data[: int(rng.integers(0, max(1, len(data))))])
    return _hit(bench, path, f"{path.stat().st_size} of {len(data)} bytes")


def file_flipped(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """A bit of a file is another."""
    path = _some_file(bench, rng)
    data = bytearray(path.read_bytes())
    place = int(rng.integers(0, len(data)))
    data[place] ^= 1 << int(rng.integers(0, 8))
    path.write_bytes(data)
    return _hit(bench, path, f"byte {place} of {len(data)}")


def file_lost(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """A file is gone."""
    path = _some_file(bench, rng)
    path.unlink()
    return _hit(bench, path, "gone")


def pages_overwritten(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """Pages of the catalog hold something else, or its end is gone."""
    path = bench.place.home / "catalog.sqlite"
    data = bytearray(path.read_bytes())
    count = len(data) // PAGE
    if rng.random() < 0.3:
        kept = int(rng.integers(count // 2, count))
        path.write_bytes(data[: kept * PAGE])
        said = f"cut to {kept} of {count} pages"
    else:
        pages = sorted({int(page) for page in rng.integers(1, count, int(rng.integers(1, 6)))})
        for page in pages:
            data[page * PAGE : (page + 1) * PAGE] = rng.bytes(PAGE)
        path.write_bytes(data)
        said = f"pages {pages} of {count}"
    return Hit(True, said, resume=bench.all_words, ordered=False)


def row_deleted(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """A row is gone, whatever points at it."""
    table = str(rng.choice(DELETED))
    with _opened(bench) as database, database:
        key = _some_row(database, table, rng)
        database.execute(f"DELETE FROM {table} WHERE id = ?", (key,))
    return Hit(True, f"{table} {key}", resume=bench.all_words, ordered=False)


def row_altered(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """A row says something else."""
    table, column, value = ALTERED[int(rng.integers(0, len(ALTERED)))]
    with _opened(bench) as database, database:
        key = _some_row(database, table, rng)
        database.execute(f"UPDATE {table} SET {column} = {value} WHERE id = ?", (key,))
    return Hit(True, f"{table} {key}: {column} = {value}", resume=bench.all_words, ordered=False)


def _opened(bench: Bench) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(bench.place.home / "catalog.sqlite"))


def _some_row(database: sqlite3.Connection, table: str, rng: np.random.Generator) -> int:
    own = (
        " WHERE image LIKE 'rgb/%' AND dataset_id = (SELECT id FROM datasets WHERE name = 'small')"
        if table == "samples"
        else ""
    )
    keys = [row[0] for row in database.execute(f"SELECT id FROM {table}{own} ORDER BY id")]
    return int(rng.choice(keys))


def _some_file(bench: Bench, rng: np.random.Generator) -> Path:
    """A file of a kind, each kind as likely."""
    home = bench.place.home
    kinds = [
        sorted(home.glob(f"{folder}/{below}")) for folder, below in (
            ("masks", "*/*"), ("variants", "*/*"), ("runs", "r/*.*"), ("runs", "r/checkpoints/*.*"), ("features", "*/*"),
            ("runs", "world-*/evaluations/*"),
        )
    ]  # fmt: skip
    some = [files for files in kinds if files]
    files = [path for path in some[int(rng.integers(0, len(some)))] if "tfevents" not in path.name]
    return files[int(rng.integers(0, len(files)))]


def _hit(bench: Bench, path: Path, said: str) -> Hit:
    area = path.relative_to(bench.place.home)
    resume = [bench.words[name] for name in AREAS[area.parts[0]] if name in bench.words]
    return Hit(True, f"{area}: {said}", resume=resume, ordered=False)


OUTSIDE: dict[str, Strike] = {
    "file cut": file_cut,
    "file flipped": file_flipped,
    "file lost": file_lost,
    "catalog damaged": pages_overwritten,
    "row deleted": row_deleted,
    "row altered": row_altered,
}
