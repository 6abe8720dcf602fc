"""A variant's file alone tells how it was made."""

import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from dlcr.core.errors import PhotoError
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box, Variant
from dlcr.inpaint import lineage

ENGINE = {"model": "demo", "digest": "0" * 16, "threads": 1, "device": "cpu", "dtype": "float32"}


@pytest.fixture
def variant():
    rng = np.random.default_rng(1)
    photo, mask = rng.integers(0, 255, (40, 20, 3), np.uint8), rng.random((40, 20)) > 0.5
    told = lineage.describe(
        photo=photo, mask=mask, box=Box(0, 0, 20, 40), prompt="röd tröja | <b>jeans</b>", read="red sweater jeans", seed=5,
        settings=PaintSettings(), engine=ENGINE, source={"photo": "a b.jpg"},
    )  # fmt: skip
    return Variant(photo, "röd tröja | <b>jeans</b>", 5, told), mask


def test_lineage_and_mask_come_back_from_the_file(tmp_path, variant):
    made, mask = variant
    path = tmp_path / "v.png"
    path.write_bytes(lineage.variant_png(made))
    back = lineage.read_variant(path)
    assert back.lineage == json.loads(json.dumps(made.lineage))
    assert np.array_equal(lineage.mask_of(back), mask)
    assert np.array_equal(back.image, made.image)
    assert lineage.variant_png(back) == path.read_bytes()


def test_lineage_holds_no_clock_and_no_absolute_path(variant):
    text = json.dumps(variant[0].lineage)
    assert "/" not in text.replace(variant[0].lineage["mask"]["png"], "").replace("</b>", "")
    assert lineage.variant_png(variant[0]) == lineage.variant_png(variant[0])


def write(path, text):
    info = PngImagePlugin.PngInfo()
    if text is not None:
        info.add_itxt("dlcr", text)
    Image.new("RGB", (20, 40)).save(path, pnginfo=info)
    return path


@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", '{"prompt": 1}', "{" * 5000, '{"prompt": "a", "seed": "x"}'])
def test_damaged_lineage_is_a_clear_error(tmp_path, text):
    with pytest.raises(PhotoError, match="lineage"):
        lineage.read_variant(write(tmp_path / "v.png", text))


def test_a_picture_without_lineage_says_so(tmp_path):
    with pytest.raises(PhotoError, match="carries no lineage"):
        lineage.read_variant(write(tmp_path / "v.png", None))


@pytest.mark.parametrize("png", ["", "AAAA", "not base64!"])
def test_a_damaged_mask_is_a_clear_error(variant, png):
    made, _ = variant
    broken = Variant(made.image, made.prompt, made.seed, {**made.lineage, "mask": {"png": png}})
    with pytest.raises(PhotoError, match="mask in the lineage"):
        lineage.mask_of(broken)


def test_differences_name_what_changed_but_not_threads(variant):
    made, _ = variant
    assert lineage.differences(made.lineage, {**ENGINE, "threads": 64}) == ()
    assert lineage.differences(made.lineage, {**ENGINE, "dtype": "bfloat16"}) == ("dtype: float32 -> bfloat16",)
