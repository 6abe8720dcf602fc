"""The embedded captioner: crops of any size, and on the embedded data set what is plainly to be seen."""

import cv2
import numpy as np
import pytest

from dlcr.core.errors import BackendError
from dlcr.core.images import read_photo
from dlcr.core.values import Labels
from dlcr.core.workspace import ASSETS
from dlcr.language import load_captioner
from dlcr.language.captioner import person_crop, visible_regions
from dlcr.language.garments import read_garment
from dlcr.parsing import load_parser

CLASSES = ("background", "skin", "upper", "lower", "shoes")


@pytest.fixture(scope="module")
def captioner():
    return load_captioner("demo", "cpu")


@pytest.fixture(scope="module")
def scene():
    photo = read_photo(sorted(ASSETS.glob("world/**/*.jpg"))[5])
    return photo, load_parser("demo", "cpu").parse(photo)


def test_every_item_of_a_caption_is_a_coloured_garment(captioner, scene):
    caption = captioner.caption(*scene)
    garments = [read_garment(item) for item in caption.outfit.items]
    assert {"upper", "lower"} <= {g.slot for g in garments} or "dress" in {g.slot for g in garments}
    assert all(garment.colour for garment in garments)
    assert all(item in caption.text for item in caption.outfit.items)


@pytest.mark.parametrize(("colour", "rgb"), [("red", (190, 30, 30)), ("green", (38, 128, 64)), ("blue", (51, 90, 178))])
def test_repainted_clothes_are_named_by_their_new_colour(captioner, scene, colour, rgb):
    photo, labels = scene
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)[..., None] / 255.0
    worn = labels.where("upper")
    shade = 0.7 + 0.6 * (grey - grey[worn].mean())
    painted = np.where(worn[..., None], np.clip(shade * 1.4 * np.array(rgb), 0, 255), photo).astype(np.uint8)
    upper = next(g for g in map(read_garment, captioner.caption(painted, labels).outfit.items) if g.slot == "upper")
    assert colour in upper.colour


def test_size_does_not_change_the_colours(captioner, scene):
    photo, labels = scene
    big = Labels(np.kron(labels.map, np.ones((3, 3), np.uint8)), labels.classes, labels.clothing, labels.protected)
    said = [captioner.caption(photo, labels), captioner.caption(np.kron(photo, np.ones((3, 3, 1), np.uint8)), big)]
    colours = [[read_garment(item).colour for item in caption.outfit.items] for caption in said]
    assert colours[0] == colours[1]


def test_nobody_wears_nothing(captioner):
    nobody = Labels(np.zeros((90, 200), np.uint8), CLASSES, ("upper",))
    assert captioner.caption(np.full((90, 200, 3), 99, np.uint8), nobody).outfit.items == ()


@pytest.mark.parametrize("scale", [1, 5])
def test_a_person_is_cropped_to_one_by_two_with_labels_in_place(scale):
    labels = np.zeros((100 * scale, 300 * scale), np.uint8)
    labels[20 * scale : 80 * scale, 200 * scale : 220 * scale] = 2
    photo = np.repeat(labels[..., None] * 100, 3, axis=2)
    crop, small = person_crop(photo, labels)
    assert (crop.shape, small.shape) == ((256, 128, 3), (256, 128))
    assert ((crop[..., 0] > 100) == (small == 2)).mean() > 0.98
    rows = np.flatnonzero(small.any(axis=1))
    assert abs(len(rows) - 256 / 1.06) < 4
    assert abs(rows.mean() - 127.5) < 3


def test_specks_are_not_named():
    labels = np.zeros((256, 128), np.uint8)
    labels[:100, :60], labels[200, :9] = 2, 3
    assert [slot for slot, _ in visible_regions(labels, CLASSES)] == ["upper"]


def test_the_demo_takes_no_argument():
    with pytest.raises(BackendError, match="no argument"):
        load_captioner("demo:x")


def test_many_photos_together_are_captioned_like_one_by_one(captioner, scene):
    photo, labels = scene
    nobody = Labels(np.zeros_like(labels.map), labels.classes, labels.clothing)
    together = captioner.caption_all([photo, photo[:, ::-1].copy(), photo], [labels, labels, nobody])
    assert together[0] == captioner.caption(photo, labels)
    assert together[1] == captioner.caption(photo[:, ::-1].copy(), labels)
    assert together[2].outfit.items == ()
