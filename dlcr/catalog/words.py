"""Photos by words: the labels and names of one data set in memory, as columns, made anew when its samples change.

A database that looks for a part of a name reads a million rows, for most of a second. Here each word is looked for once in
every different folder, file name, outfit and prompt; what a row has is then a look-up. 40 bytes a row, beside the names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import concat, methodcaller
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from dlcr.catalog.held import Held
from dlcr.catalog.tables import prompts, samples

KEPT = 4
"""Data sets kept in memory at once."""
CHUNK = 500
"""Rows read at once: few enough to stay in the processor's caches."""

Bools = NDArray[np.bool_]
Codes = NDArray[np.int32]


def as_bytes(text: str) -> bytes:
    """In lower case as UTF-8; file names that are none keep their bytes."""
    return text.lower().encode(errors="surrogateescape")


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """A column of texts: each different one once, in lower case as UTF-8, and which of them a row has (N,)."""

    texts: NDArray[np.bytes_]
    codes: Codes

    @classmethod
    def of(cls, values: Mapping[str, int], codes: Sequence[Codes]) -> Self:
        """From the different texts in order of their codes."""
        every = np.array([as_bytes(value) for value in values] or [b""])
        return cls(every, np.concatenate([np.zeros(0, np.int32), *codes]))

    def having(self, part: bytes) -> Bools:
        """Of each row, whether its text contains `part`. (N,)"""
        return (np.strings.find(self.texts, part) >= 0)[self.codes]

    def ending(self, part: bytes) -> Bools:
        """Of each row, whether its text ends in `part`. (N,)"""
        return np.strings.endswith(self.texts, part)[self.codes]

    def beginning(self, part: bytes) -> Bools:
        """Of each row, whether its text begins with `part`. (N,)"""
        return np.strings.startswith(self.texts, part)[self.codes]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The present samples of a data set in order of id: ids (N,), each label as codes (N,) of its values, names in parts."""

    ids: NDArray[np.int64]
    labels: Mapping[str, tuple[Mapping[Any, int], Codes]]
    folder: TextColumn
    file: TextColumn
    outfit: TextColumn

    @classmethod
    def read(cls, connection: Connection, dataset: int) -> Self:
        """All of one data set."""
        query = select(samples.c.id, *(samples.c[name] for name in (*_Reader.LABELS, "image")))
        query = query.where(samples.c.dataset_id == dataset, samples.c.present).order_by(samples.c.id)
        reader, ids = _Reader(), [np.zeros(0, np.int64)]
        for rows in connection.execution_options(yield_per=CHUNK).execute(query).partitions():
            first, *labels, images = zip(*rows, strict=True)
            ids.append(np.array(first, np.int64))
            reader.add(labels, images)
        return cls(
            np.concatenate(ids), {name: reader.coded(name) for name in reader.LABELS},
            reader.texts("folder"), reader.texts("file"), reader.texts("clothes_id"),
        )  # fmt: skip

    def matching(
        self, words: Sequence[str], exact: Mapping[str, Any], prompted: Mapping[str, str]
    ) -> NDArray[np.int64]:
        """Ids, rising, of rows with these labels whose image, outfit or outfit's prompt has each word. (M,) int64."""
        found = np.ones(len(self.ids), np.bool_)
        for name, value in exact.items():
            values, codes = self.labels[name]
            found &= codes == values.get(value, -1)
        for word in words:
            found &= self._image_has(as_bytes(word)) | self._outfit_has(word.lower(), prompted)
        return self.ids[found]

    def _image_has(self, word: bytes) -> Bools:
        found = self.file.having(word) | self.folder.having(word)
        end, slash, start = word.rpartition(b"/")
        return found | (self.folder.ending(end + slash) & self.file.beginning(start)) if slash else found

    def _outfit_has(self, word: str, prompted: Mapping[str, str]) -> Bools:
        values, codes = self.labels["clothes_id"]
        told = [values[outfit] for outfit, text in prompted.items() if word in text and outfit in values]
        wanted = np.zeros(len(self.outfit.texts), np.bool_)
        wanted[told] = True
        return wanted[codes] | self.outfit.having(as_bytes(word))


class _Reader:
    """Turns rows into codes, chunk by chunk."""

    LABELS = ("split", "pid", "camid", "clothes_id")

    def __init__(self) -> None:
        self._values: dict[str, dict[Any, int]] = {name: {} for name in (*self.LABELS, "folder", "file")}
        self._codes: dict[str, list[Codes]] = {name: [] for name in self._values}

    def add(self, labels: Sequence[Sequence[Any]], images: Sequence[str]) -> None:
        for name, values in zip(self.LABELS, labels, strict=True):
            self._code(name, values)
        folders, slashes, files = zip(*map(methodcaller("rpartition", "/"), images), strict=True)
        self._code("folder", list(map(concat, folders, slashes)))
        self._code("file", files)

    def _code(self, name: str, values: Sequence[Any]) -> None:
        known = self._values[name]
        for value in dict.fromkeys(values):
            known.setdefault(value, len(known))
        self._codes[name].append(np.fromiter(map(known.__getitem__, values), np.int32, len(values)))

    def coded(self, name: str) -> tuple[dict[Any, int], Codes]:
        return self._values[name], np.concatenate([np.zeros(0, np.int32), *self._codes[name]])

    def texts(self, name: str) -> TextColumn:
        return TextColumn.of(self._values[name], self._codes[name])


class NameSearch:
    """The data sets looked at last, and the newest prompts of their outfits."""

    def __init__(self) -> None:
        self._columns = Held(lambda connection, row: Columns.read(connection, row.id), KEPT)
        self._prompts: dict[int, tuple[int, dict[str, str]]] = {}
        self._lock = Lock()

    def matching(
        self, connection: Connection, dataset: int, words: Sequence[str], exact: Mapping[str, Any]
    ) -> NDArray[np.int64]:
        """Ids, rising, of the data set's present samples with these labels and each of these words. (M,) int64."""
        columns = self._columns.of(connection, dataset)
        with self._lock:
            prompted = self._prompted(connection, dataset)
        return columns.matching(words, exact, prompted)

    def _prompted(self, connection: Connection, dataset: int) -> dict[str, str]:
        """Outfit -> its newest prompt in lower case."""
        here = prompts.c.dataset_id == dataset
        last = int(connection.execute(select(func.coalesce(func.max(prompts.c.id), 0)).where(here)).scalar_one())
        if self._prompts.get(dataset, (-1,))[0] != last:
            query = select(prompts.c.clothes_id, prompts.c.text).where(here).order_by(prompts.c.version)
            self._prompts[dataset] = last, {outfit: text.lower() for outfit, text in connection.execute(query)}
        return self._prompts[dataset][1]
