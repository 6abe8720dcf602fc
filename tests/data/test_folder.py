from pathlib import Path

from dlcr.core.values import Sample
from dlcr.data import read_layout
from tests.data.conftest import Make

ORACLE = {
    "anna/1.jpg": (0, "anna"),
    "anna/winter/1.PNG": (0, "anna/winter"),
    "b.jpeg": (-1, "b.jpeg"),
    "bob/1.jpg": (1, "bob"),
    "c.webp": (-1, "c.webp"),
}


def test_sub_folder_is_the_person_and_the_folder_the_outfit(make: Make):
    reading = read_layout("folder", make(ORACLE))
    expected = [Sample(Path(name), "all", pid, 0, outfit) for name, (pid, outfit) in sorted(ORACLE.items())]
    assert list(reading.samples) == expected
    assert reading.bad == ()


def test_pictures_without_folders_are_nobody_and_share_no_outfit(make: Make):
    samples = read_layout("folder", make(["b.jpg", "a.jpg"])).samples
    assert [(sample.pid, sample.clothes_id) for sample in samples] == [(-1, "a.jpg"), (-1, "b.jpg")]
