"""Which pixels the masks of `tools.evaluate_masks` cover, on a person drawn by hand; what an autoencoder leaves of a photo."""

import numpy as np
import torch
from diffusers import AutoencoderTiny

from dlcr import stages
from dlcr.core.images import read_photo
from dlcr.core.values import Box, Labels
from dlcr.core.workspace import ASSETS
from dlcr.inpaint import load_inpainter
from tools.evaluate_masks import arms_without_hands, autoencoded, masks_of
from tools.world.materials import Label

HEIGHT, SLEEVE, HAND = 100, 40, 11
"""The person's height, the row below which the arm is bare, a hand's length at that height."""


def person(*, long_sleeves: bool = False) -> np.ndarray:
    """Somebody in a t-shirt and shorts, arms hanging at their sides: (120, 60) uint8 of `Label`."""
    labels = np.zeros((120, 60), np.uint8)
    labels[10:20, 26:34] = Label.HAIR
    labels[20:26, 26:34] = Label.FACE
    labels[26:60, 20:40] = Label.UPPER
    for arm in (slice(15, 20), slice(40, 45)):
        labels[28:66, arm] = Label.ARMS
        labels[28 : 58 if long_sleeves else SLEEVE, arm] = Label.UPPER
    labels[60:80, 20:40] = Label.LOWER
    labels[80:105, 21:28] = labels[80:105, 32:39] = Label.LEGS
    labels[105:110, 20:40] = Label.SHOES
    return labels


def parsing_of(labels: np.ndarray) -> stages.Parsing:
    """What a parser that makes no mistake and does not tell a face from other skin would say."""
    told = np.select(
        [np.isin(labels, (Label.HAIR, Label.FACE, Label.ARMS, Label.LEGS)), labels != 0], [1, 2], 0
    ).astype(np.uint8)
    known = Labels(told, ("background", "face and skin", "clothes"), ("clothes",), ("face and skin",))
    return stages.Parsing(known, Box(0, 0, 60, 120), told == 2)


def test_a_bare_arm_ends_a_hand_above_its_lowest_pixel() -> None:
    expected = np.zeros((120, 60), bool)
    expected[SLEEVE : 66 - HAND - 1, 15:20] = expected[SLEEVE : 66 - HAND - 1, 40:45] = True
    assert np.array_equal(arms_without_hands(person()), expected)


def test_what_looks_out_of_a_long_sleeve_is_a_hand() -> None:
    assert not arms_without_hands(person(long_sleeves=True)).any()


def test_an_arm_apart_from_the_clothes_is_left() -> None:
    labels = person()
    labels[26:80, 10:50][np.isin(labels[26:80, 10:50], (Label.UPPER, Label.LOWER))] = Label.BACKGROUND
    assert not arms_without_hands(labels).any()


def test_masks_widen_from_clothes_to_the_whole_photo_and_leave_head_and_hands() -> None:
    labels = person()
    masks = masks_of(parsing_of(labels), labels)
    worn = np.isin(labels, (Label.UPPER, Label.LOWER, Label.SHOES))
    hand = (labels == Label.ARMS) & (np.arange(120) >= 66 - HAND - 1)[:, None]
    head = np.isin(labels, (Label.HAIR, Label.FACE))
    assert np.array_equal(masks["clothes"], worn)
    assert np.array_equal(masks["clothes and limbs"], worn | (np.isin(labels, (Label.ARMS, Label.LEGS)) & ~hand))
    grown = masks["clothes and limbs grown 4"]
    assert (grown & (labels == Label.BACKGROUND)).any()
    assert (grown >= masks["clothes and limbs"]).all()
    for name in ("clothes grown 4", "clothes and limbs grown 4", "hull and limbs"):
        assert not masks[name][head | hand].any(), name
    assert masks["hull and limbs"][90, 29:31].all()
    assert not masks["clothes and limbs"][90, 29:31].any()
    assert masks["whole photo"].all()


def test_what_the_autoencoder_makes_of_a_photo_is_what_diffusers_makes_of_it() -> None:
    photo = read_photo(sorted(ASSETS.glob("world/rgb/test/A/**/*.jpg"))[3])
    vae = AutoencoderTiny.from_pretrained(ASSETS / "models" / "inpainter-demo" / "vae").eval()
    with torch.inference_mode():
        x = torch.from_numpy(photo).permute(2, 0, 1)[None].float() / 127.5 - 1
        wanted = ((vae.decode(vae.encode(x).latents).sample[0].permute(1, 2, 0).clamp(-1, 1) + 1) * 127.5).numpy()
    (found,) = autoencoded(load_inpainter("demo", "cpu"), [photo])
    assert found.dtype == np.uint8
    assert np.abs(found - wanted).max() < 3
    assert np.abs(found.astype(int) - photo).mean() > 1
