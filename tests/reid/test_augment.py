import numpy as np
import torch
from torch.nn import functional

from dlcr.reid.augment import Changes, changed, draw_changes, draw_tints, recoloured

SIZE = (32, 16)


def test_a_part_of_a_batch_is_changed_as_in_the_whole():
    x, changes = torch.rand(12, 3, *SIZE), draw_changes(12, SIZE, 0.5, np.random.default_rng(0))
    part = np.array([1, 5, 11])
    assert torch.allclose(changed(x, changes)[part], changed(x[part], changes.take(part)))


def test_each_change_does_what_its_name_says():
    x, off = torch.rand(1, 3, *SIZE), np.full((1, 2), -1)
    none, nowhere = np.array([False]), np.zeros((1, 4), np.int64)
    assert torch.equal(changed(x, Changes(off, none, nowhere)), x)
    assert torch.equal(changed(x, Changes(off, ~none, nowhere)), x.flip(3))
    larger = functional.interpolate(x, (36, 18), mode="bilinear")
    assert torch.equal(changed(x, Changes(np.array([[3, 1]]), none, nowhere)), larger[:, :, 3:35, 1:17])
    erased = changed(x, Changes(off, none, np.array([[2, 3, 5, 4]])))
    assert erased[:, :, 2:7, 3:7].abs().max() == 0
    assert (erased != x).sum() == 3 * 5 * 4


def test_chances_are_those_of_cal():
    drawn = draw_changes(4000, SIZE, 0.5, np.random.default_rng(1))
    for share in ((drawn.crop[:, 0] >= 0).mean(), drawn.flip.mean(), (drawn.erase[:, 2] > 0).mean()):
        assert 0.47 < share < 0.53
    areas = np.prod(drawn.erase[drawn.erase[:, 2] > 0, 2:], 1) / np.prod(SIZE)
    assert 0.01 < areas.min() < areas.max() < 0.45
    assert (drawn.crop.max(0) == [4, 2]).all()
    assert not draw_changes(100, SIZE, 0.0, np.random.default_rng(1)).erase.any()


def test_frames_of_a_clip_are_changed_alike():
    drawn = draw_changes(3, SIZE, 0.5, np.random.default_rng(2)).take(np.array([2, 0]), 4)
    for one in (drawn.crop, drawn.flip, drawn.erase):
        assert (one[:4] == one[0]).all()
        assert (one[4:] == one[4]).all()


def test_only_the_masked_clothes_change_their_colour():
    rng = np.random.default_rng(0)
    photo, mask = rng.integers(0, 256, (32, 16, 3)).astype(np.uint8), np.zeros((32, 16), bool)
    mask[10:] = True
    made = recoloured(photo, mask, draw_tints(1, rng)[0])
    assert np.array_equal(made[~mask], photo[~mask])
    assert (made[mask] != photo[mask]).any(1).mean() > 0.9
