"""The embedded parser on the embedded data set: crops, whole photos, huge and tiny ones, and no person at all."""

import cv2
import numpy as np
import pytest

from dlcr.core.errors import BackendError
from dlcr.core.images import read_photo
from dlcr.core.workspace import ASSETS
from dlcr.parsing import compose, iou, largest_person, load_parser
from dlcr.parsing.segmenter import Seen


@pytest.fixture(scope="module")
def parser():
    return load_parser("demo", "cpu")


@pytest.fixture(scope="module")
def crop():
    return read_photo(sorted((ASSETS).glob("world/**/*.jpg"))[5])


@pytest.fixture(scope="module")
def mask(parser, crop):
    labels = parser.parse(crop)
    return compose(labels, labels.clothing)


def clothing(parser, photo):
    labels = parser.parse(photo)
    assert labels.map.shape == photo.shape[:2]
    return compose(labels, labels.clothing)


def test_a_crop_has_clothes_and_a_protected_head(parser, crop, mask):
    labels = parser.parse(crop)
    assert 0.08 < mask.mean() < 0.6
    assert labels.where(*labels.protected).any()
    assert set(labels.clothing) | set(labels.protected) <= set(labels.classes)


def test_the_same_photo_twice_as_large_has_the_same_mask(parser, crop, mask):
    twice = clothing(parser, cv2.resize(crop, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR))
    assert iou(twice[::2, ::2], mask) > 0.93


def test_a_tiny_crop_is_parsed(parser, crop, mask):
    small = cv2.resize(crop, (60, 120), interpolation=cv2.INTER_AREA)
    assert iou(clothing(parser, small), cv2.resize(mask.astype(np.uint8), (60, 120)) > 0) > 0.8


def test_a_person_in_a_wide_photo_is_found_and_parsed_where_it_stands(parser, crop, mask):
    height, width = crop.shape[:2]
    wide = cv2.copyMakeBorder(crop, 40, 20, 200, 120, cv2.BORDER_REPLICATE)
    found = clothing(parser, wide)
    truth = np.zeros(wide.shape[:2], bool)
    truth[40 : 40 + height, 200 : 200 + width] = mask
    assert iou(found, truth) > 0.75


def test_a_photo_of_24_megapixels_gets_labels_of_its_own_size(parser, crop):
    small = cv2.copyMakeBorder(crop, 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    photo = cv2.resize(small, (4000, 6000), interpolation=cv2.INTER_LINEAR)
    assert 0.02 < clothing(parser, photo).mean() < 0.5


@pytest.mark.parametrize("shape", [(256, 128), (300, 400), (900, 300)])
def test_noise_and_flat_walls_hold_no_person(parser, shape):
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    for photo in (noise, np.full((*shape, 3), 127, np.uint8), cv2.GaussianBlur(noise, (0, 0), 5)):
        assert largest_person(parser.parse(photo)) is None


def test_the_demo_takes_no_argument_and_an_unknown_parser_lists_the_known():
    with pytest.raises(BackendError, match="no argument"):
        load_parser("demo:x")
    with pytest.raises(BackendError, match="demo"):
        load_parser("nonsense")


def test_many_photos_together_are_parsed_like_one_by_one(parser, crop):
    wide = np.full((300, 500, 3), 120, np.uint8)
    wide[:256, 100:228] = crop
    photos = [crop, wide, crop[:, ::-1].copy()]
    for one, photo in zip(parser.parse_all(photos), photos, strict=True):
        assert (one.map == parser.parse(photo).map).mean() > 0.999  # a batch's sums differ in the last bits


def test_what_is_clothes_of_one_kind_or_another_is_clothes():
    """Upper or dress at 0.32 and 0.28 beside 0.4 of background; where background leads both together it stays."""
    shares = np.zeros((4, 32, 16), np.float32)
    shares[:, :, :8] = np.array([0.4, 0.32, 0.28, 0.0])[:, None, None]
    shares[:, :, 8:] = np.array([0.55, 0.2, 0.2, 0.05])[:, None, None]
    photo = np.zeros((32, 16, 3), np.uint8)
    photo[:, 8:] = 255  # an edge, so that no share crosses it
    found = Seen(shares, photo, np.array([False, True, True, False])).labels(16, 32)
    assert (found[:, :8] == 1).all()
    assert (found[:, 8:] == 0).all()
    assert shares.sum() == pytest.approx(32 * 16)
