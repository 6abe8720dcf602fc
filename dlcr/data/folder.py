"""Any folder of pictures: what a newcomer has."""

from collections.abc import Sequence
from pathlib import Path

from dlcr.core.images import EXTENSIONS
from dlcr.core.values import Sample
from dlcr.data.reading import Reading

NOBODY = -1
"""The pid of pictures that lie in no sub-folder: nothing says who is on them."""


class Folder:
    """A sub-folder is a person, the folder a picture lies in is its outfit; camera 0, split `all`.

    Persons count from 0 in sorted order of their folders' names. A picture in no sub-folder has pid -1 and is its own
    outfit.
    """

    looks_for = f"pictures ({', '.join(sorted(EXTENSIONS))}), in sub-folders by person if there are any"

    def label(self, root: Path, images: Sequence[Path]) -> Reading:
        """One sample for every picture."""
        people = sorted({image.parts[0] for image in images if len(image.parts) > 1})
        pids = {person: pid for pid, person in enumerate(people)}
        samples = []
        for image in images:
            alone = len(image.parts) == 1
            pid = NOBODY if alone else pids[image.parts[0]]
            samples.append(Sample(image, "all", pid, 0, image.name if alone else image.parent.as_posix()))
        return Reading(samples, [])
