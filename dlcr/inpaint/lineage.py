"""A variant's lineage: everything needed to paint it again, kept in its own PNG (text chunk `dlcr`, JSON).

The mask travels inside (as a packed PNG), and outside it a variant *is* its photo, so a file alone can be replayed.
"""

import base64
import functools
import importlib.metadata
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dlcr.core.errors import PhotoError
from dlcr.core.images import FORMATS, digest, png_bytes, read_photo
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box, Variant

KEY = "dlcr"
FORMAT = 1
MAX_CHUNK = 8_000_000
LIBRARIES = ("torch", "diffusers", "transformers", "numpy", "pillow")


@functools.cache
def versions() -> Mapping[str, str]:
    """Versions of the libraries that a variant's bytes depend on."""
    return {name: importlib.metadata.version(name) for name in LIBRARIES}


def describe(
    *, photo: np.ndarray, mask: np.ndarray, box: Box, prompt: str, read: str, seed: int, settings: PaintSettings,
    engine: Mapping[str, Any], source: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The lineage of one variant. `engine` holds model, digest, device, dtype, threads, size; no clock, no absolute path."""
    return {
        "format": FORMAT,
        "source": dict(source),
        "photo": {"digest": digest(photo), "height": photo.shape[0], "width": photo.shape[1]},
        "mask": {"digest": digest(mask), "png": base64.b64encode(_mask_png(mask)).decode()},
        "box": [box.x0, box.y0, box.x1, box.y1],
        "prompt": prompt,
        "read": read,
        "seed": seed,
        "settings": settings.model_dump(),
        "engine": dict(engine),
        "versions": dict(versions()),
    }


def differences(told: Mapping[str, Any], engine: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs here from where a variant was painted: `name: then -> now`; threads are set as they were, so not listed."""
    then = {**told["engine"], **told["versions"]}
    now = {**engine, **versions()}
    names = sorted({*then, *now} - {"threads"})
    return tuple(f"{k}: {then.get(k)} -> {now.get(k)}" for k in names if then.get(k) != now.get(k))


def variant_png(variant: Variant) -> bytes:
    """The PNG of a variant with its lineage inside; same variant, same bytes."""
    return png_bytes(variant.image, {KEY: json.dumps(variant.lineage, sort_keys=True, ensure_ascii=False)})


def read_variant(path: Path) -> Variant:
    """A variant back from its PNG; PhotoError if the file is none or its lineage is damaged."""
    image = read_photo(path)
    with Image.open(path, formats=FORMATS) as opened:
        text = getattr(opened, "text", {}).get(KEY)
    if text is None:
        raise PhotoError(f"{path} carries no lineage.", "Give a PNG that DLCR wrote, unchanged by other programs.")
    try:
        lineage = json.loads(text[:MAX_CHUNK])
        _check(lineage, max(image.shape))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise PhotoError(f"the lineage in {path} is damaged: {error}.", "Paint the variant again.") from error
    return Variant(image, lineage["prompt"], lineage["seed"], lineage)


def _check(lineage: Mapping[str, Any], side: int) -> None:
    """ValueError, KeyError or TypeError unless everything that painting again reads is there and of its kind.

    `side` is the picture's longer one: a box beyond it fourfold was never cut, and would take all memory.
    """
    kinds = {
        "prompt": str,
        "read": str,
        "seed": int,
        "box": list,
        "mask": dict,
        "engine": dict,
        "versions": dict,
        "settings": dict,
    }
    wrong = [name for name, kind in kinds.items() if not isinstance(lineage[name], kind)]
    wrong += [] if isinstance(lineage.get("source", {}), dict) else ["source"]
    x0, y0, x1, y1 = map(int, lineage["box"])
    reach = 4 * side
    wrong += [] if -reach <= x0 < x1 <= reach and -reach <= y0 < y1 <= reach else ["box"]
    wrong += [] if 0 <= lineage["seed"] < 2**63 else ["seed"]
    wrong += (
        []
        if isinstance(lineage["mask"]["png"], str) and isinstance(lineage["engine"]["model"], str)
        else ["mask or engine"]
    )
    int(lineage["engine"]["threads"])
    if wrong:
        raise ValueError(f"{', '.join(wrong)} cannot be so")
    PaintSettings(**lineage["settings"])


def mask_of(variant: Variant) -> np.ndarray:
    """The (H, W) bool mask that a variant's lineage carries; PhotoError if it does not fit the picture."""
    try:
        data = base64.b64decode(variant.lineage["mask"]["png"], validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
            if (opened.height, opened.width) != variant.image.shape[:2]:
                raise ValueError("its size differs from the picture's")
            return np.array(opened.convert("L")) > 127
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoError(f"the mask in the lineage is damaged: {error}.", "Paint the variant again.") from error


def _mask_png(mask: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(mask).convert("1").save(stream, "PNG", optimize=False, compress_level=9)
    return stream.getvalue()
