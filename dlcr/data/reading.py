"""Reading a whole folder at once: every sample, every misfit with its reason. For small sets; `scan.py` is for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlcr.core.errors import PhotoError
from dlcr.core.images import photo_size, read_photo
from dlcr.core.values import PhotoFile, Sample
from dlcr.data.labels import BadPicture
from dlcr.data.scan import scan


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds: usable samples in order, the rest with reasons, what is known of each picture file."""

    samples: Sequence[Sample]
    bad: Sequence[BadPicture]
    files: Mapping[Path, PhotoFile] = field(default_factory=dict)


def read_layout(name: str, root: Path | str, *, full: bool = False) -> Reading:
    """Every sample below `root` by the layout called `name`; picture headers are checked, pixels too if `full`.

    LayoutError says what was looked for, what was found and which layout the folder resembles.
    """
    labelled: list[Sample] = []
    with scan(name, root) as found:
        root, bad = found.root, list(found.lost)
        for listed, labels in found.changed({}):
            labelled += labels.samples()
            bad += [BadPicture(Path(listed.folder) / picture, reason) for picture, reason in labels.bad]
        if not labelled and not bad:
            raise found.misfit()
    samples, files = [], {}
    for sample in sorted(labelled, key=lambda one: one.image):
        try:
            files[sample.image] = _examined(root / sample.image, full)
            samples.append(sample)
        except PhotoError as error:
            bad.append(BadPicture(sample.image, str(error)))
    return Reading(tuple(samples), tuple(sorted(bad, key=lambda one: one.path)), files)


def _examined(path: Path, full: bool) -> PhotoFile:
    width, height = photo_size(path)
    if full:
        read_photo(path)
    status = path.stat()
    return PhotoFile(status.st_size, status.st_mtime_ns, width, height)
