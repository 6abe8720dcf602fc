"""Opening a picture file once to see whether it can be used: its bytes' digest, its size, or what is the matter."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from dlcr.core.errors import PhotoError
from dlcr.core.images import MIN_SIDE, decode


@dataclass(frozen=True, slots=True)
class Examined:
    """`content` is a digest of the bytes (empty if they cannot be read), `width` and `height` are pixels as stored.

    `flaw` is None, `unreadable` (no access, no picture, too large), `truncated` (begins as a picture and breaks off or
    is damaged) or `tiny` (below 16 pixels on a side); `reason` says it in words.
    """

    content: str
    width: int | None = None
    height: int | None = None
    flaw: str | None = None
    reason: str | None = None


def examine(path: Path) -> Examined:
    """Read and decode a picture file; nothing is raised, what is wrong is told."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Examined("", flaw="unreadable", reason=f"cannot read it: {(error.strerror or str(error)).lower()}.")
    content = hashlib.blake2b(data, digest_size=16).hexdigest()
    try:
        height, width = decode(data, path.name).shape[:2]
        return Examined(content, width, height)
    except PhotoError as error:
        return Examined(content, flaw=_kind(error), reason=str(error))


def _kind(error: PhotoError) -> str:
    """The kind of flaw, from what Pillow gave up with."""
    cause = error.__cause__
    if cause is None:
        return "tiny" if f"at least {MIN_SIDE}" in error.remedy else "unreadable"
    return "unreadable" if isinstance(cause, UnidentifiedImageError | Image.DecompressionBombError) else "truncated"
