"""Features of a data set on disk: one safetensors file for a run, with what it was made from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from dlcr.core.errors import CatalogError
from dlcr.core.files import sweep, write_bytes
from dlcr.core.whole import seal


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """`vectors` (N, D) float32 of length 1 of the samples with `ids` (N,) int64; `source` names model and data by digest."""

    ids: np.ndarray
    vectors: np.ndarray
    source: str


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], told: dict[str, str] | None = None) -> Path:
    """Write arrays by name as one safetensors file, whole or not at all; `told` and a checksum go into its head."""
    sweep(path.parent)
    return write_bytes(path, seal(save({name: np.ascontiguousarray(value) for name, value in arrays.items()}, told)))


def write_features(path: Path, features: Features) -> Path:
    """Write features whole or not at all."""
    arrays = {"ids": features.ids, "vectors": features.vectors}
    return write_arrays(path, arrays, {"source": json.dumps(features.source)})


def read_features(path: Path) -> Features | None:
    """Features from a file, None if there is none; CatalogError if it is damaged."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, "np") as content:
            source = json.loads((content.metadata() or {})["source"])
            return Features(content.get_tensor("ids"), content.get_tensor("vectors"), source)
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise CatalogError(
            f"the features in {path} are damaged: {error}.", "Delete the file: they are made again."
        ) from error
