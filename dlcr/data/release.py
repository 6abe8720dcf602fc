"""The DLCR release format: for each photo one PNG strip of its variants side by side, and a `.txt` of prompts beside it.

A strip lies under its photo's relative path with the suffix `.png`, each variant in the photo's own size, one prompt a line in
the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcr.core.errors import LayoutError, PhotoError
from dlcr.data.labels import BadPicture
from dlcr.data.walk import Listing, joined

BYTE_ORDER_MARK = "\ufeff"
"""At the beginning of a file editors put it, and reading takes it away; anywhere else it is none of a prompt's words."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip's file, relative to the release's folder, and its prompts in order."""

    path: Path
    prompts: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Its photo's path below the data set's root without the suffix, `/` between its parts."""
        return self.path.with_suffix("").as_posix()


def strip_path(image: Path) -> Path:
    """Where the strip of this photo lies; its prompts lie beside it with the suffix `.txt`."""
    return image.with_suffix(".png")


def strips(root: Path, bad: list[BadPicture]) -> Iterator[Strip]:
    """Every strip of a release that has its prompts, sorted by folder; what cannot be read goes to `bad`.

    LayoutError if there is no such folder, or no strip in it.
    """
    if not root.is_dir():
        raise LayoutError(f"there is no folder {root}.", "Give the folder of the release.")
    with Listing(root) as listing:
        bad += listing.bad
        found = False
        for listed in listing.folders():
            for name in listed.names:
                if name.lower().endswith(".png"):
                    found = True
                    path = Path(joined(listed.folder, name))
                    try:
                        yield Strip(path, read_prompts(root / path.with_suffix(".txt")))
                    except PhotoError as error:
                        bad.append(BadPicture(path, str(error)))
    if not found:
        what = f"{root} is no release: looked for strips <photo>.png with <photo>.txt beside each."
        raise LayoutError(what, "Give the folder that holds the strips.")


def read_prompts(path: Path) -> tuple[str, ...]:
    """The prompts of a strip, one a line; empty lines at the end do not count. PhotoError if the file cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no UTF-8 text"
        raise PhotoError(f"cannot read the prompts {path.name}: {reason}.", "Put them beside the strip.") from error
    lines = [line.replace(BYTE_ORDER_MARK, " ").strip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return tuple(lines)


def prompts_text(prompts: Sequence[str]) -> str:
    """The `.txt` of a strip: one prompt a line."""
    return "".join(" ".join(prompt.replace(BYTE_ORDER_MARK, " ").split()) + "\n" for prompt in prompts)


def join(variants: Sequence[np.ndarray]) -> np.ndarray:
    """Variants side by side: n times (H, W, 3) uint8 -> (H, n W, 3). PhotoError if their sizes differ."""
    if len({variant.shape for variant in variants}) != 1:
        sizes = ", ".join(sorted({f"{v.shape[1]} x {v.shape[0]}" for v in variants}))
        raise PhotoError(
            f"variants of one photo differ in size: {sizes or 'there are none'}.", "Reject the wrong ones."
        )
    return np.concatenate(list(variants), axis=1)


def cut(strip: np.ndarray, width: int, height: int, count: int) -> list[np.ndarray]:
    """The variants of a strip (H, n W, 3) uint8, each in the photo's `width` and `height`; PhotoError unless `count` fit."""
    rows, columns = strip.shape[:2]
    if rows != height or columns % width:
        what = f"the strip has {columns} x {rows} pixels, no multiple of its photo's {width} x {height}."
        raise PhotoError(what, "Cut and join the variants again in the photo's own size.")
    if columns != width * count:
        what = f"the strip holds {columns // width} variants, but there are {count} prompts."
        raise PhotoError(what, "Give one prompt a line for each variant.")
    return [strip[:, start : start + width] for start in range(0, columns, width)]
