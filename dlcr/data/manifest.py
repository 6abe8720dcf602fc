"""A manifest: labels of any pictures in a CSV or Parquet file that lies in the data set's root."""

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from dlcr.core.errors import LayoutError
from dlcr.data.labels import BadPicture, FolderLabels, Labeller
from dlcr.data.lists import digest_of
from dlcr.data.walk import joined

COLUMNS = ("image", "split", "pid", "camid", "clothes_id", "tracklet")
NEEDED = COLUMNS[:-1]
FILES = ("manifest.csv", "manifest.parquet")
BATCH = 10_000


class Manifest:
    """`manifest.csv` or `manifest.parquet` with the columns image, split, pid, camid, clothes_id and perhaps tracklet.

    `image` is relative to the folder of the manifest. Labels are as given; an empty clothes_id is unknown, an empty
    tracklet is none. Pictures that the manifest does not name are left alone.
    """

    looks_for = "manifest.csv or manifest.parquet with the columns image, split, pid, camid, clothes_id (and tracklet)"

    def open(self, root: Path, folders: Mapping[str, int]) -> Labeller:
        """Sort the rows by folder, in a temporary database: a manifest may have any size."""
        file = manifest_in(root)
        if file is None:
            return _Rows([], "")
        rows = _parquet(file) if file.suffix == ".parquet" else _csv(file)
        return _Rows(rows, digest_of([file]))


def manifest_in(root: Path) -> Path | None:
    """The manifest of this folder, if it has one."""
    return next((root / name for name in FILES if (root / name).is_file()), None)


def _csv(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with open(file, newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            _check_columns(file, rows.fieldnames or ())
            yield from rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LayoutError(f"cannot read {file}: {error}.", "Write it as UTF-8 text with commas.") from error


def _parquet(file: Path) -> Iterator[dict[str, Any]]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise LayoutError(f"reading {file} needs pyarrow.", "Install it (pip install pyarrow), or use CSV.") from error
    try:
        with parquet.ParquetFile(file) as table:
            _check_columns(file, table.schema_arrow.names)
            columns = [name for name in COLUMNS if name in table.schema_arrow.names]
            for batch in table.iter_batches(BATCH, columns=columns):
                yield from batch.to_pylist()
    except (OSError, pyarrow.ArrowException) as error:
        raise LayoutError(f"cannot read {file}: {error}.", "Write it again.") from error


def _check_columns(file: Path, names: Iterable[str]) -> None:
    lacking = [name for name in NEEDED if name not in set(names)]
    if lacking:
        raise LayoutError(f"{file} lacks the columns {', '.join(lacking)}.", f"It needs {', '.join(NEEDED)}.")


class _Rows:
    """The manifest's rows in a temporary SQLite database that goes away with this object."""

    def __init__(self, rows: Iterable[dict[str, Any]], digest: str):
        self.digest = digest
        self._rows = sqlite3.connect("")
        self._rows.execute("CREATE TABLE rows (folder, name, line, split, pid, camid, clothes_id, tracklet, wrong)")
        numbered = enumerate(rows, 2)  # line 1 of a CSV is its header
        while batch := [_row(line, row) for line, row in islice(numbered, BATCH)]:
            self._rows.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", batch)
        self._rows.execute("CREATE INDEX by_folder ON rows (folder)")

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        found, there, named = FolderLabels(folder), set(names), set[str]()
        query = (
            "SELECT name, line, split, pid, camid, clothes_id, tracklet, wrong FROM rows WHERE folder = ? ORDER BY name"
        )
        for name, line, split, pid, camid, clothes_id, tracklet, wrong in self._rows.execute(query, (folder,)):
            wrong = wrong or ("the manifest names it twice" if name in named else "")
            wrong = wrong or ("" if name in there else "the manifest names it, but it is not there")
            named.add(name)
            if wrong:
                found.bad.append((name, f"row {line}: {wrong}"))
            else:
                found.add(name, split, pid, camid, clothes_id, tracklet)
        return found

    def absent(self, folders: Mapping[str, int]) -> list[BadPicture]:
        lost = self._rows.execute("SELECT folder, name, line, wrong FROM rows ORDER BY folder, name")
        return [
            BadPicture(Path(joined(folder, name)), f"row {line}: {wrong or 'the manifest names it, but it is not there'}")
            for folder, name, line, wrong in lost if folder not in folders
        ]  # fmt: skip


def _row(line: int, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """One row as stored; `wrong` says what is the matter with it, empty if nothing."""
    image = str(row["image"] or "").strip()
    path = PurePosixPath(image)
    text = {name: "" if row.get(name) is None else str(row[name]).strip() for name in COLUMNS}
    numbers = {name: _whole(text[name]) for name in ("pid", "camid")}
    wrong = next((f"its {name} '{text[name]}' is no whole number" for name in numbers if numbers[name] is None), "")
    if not text["split"]:
        wrong = "it has no split"
    if not image or path.is_absolute() or ".." in path.parts:
        wrong = "its image is not a path below the manifest's folder"
    folder = path.parent.as_posix()
    labels = (text["split"], numbers["pid"], numbers["camid"], text["clothes_id"], text["tracklet"] or None)
    return ("" if folder == "." else folder, path.name, line, *labels, wrong)


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
