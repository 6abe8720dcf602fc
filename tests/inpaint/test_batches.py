import numpy as np
import pytest
import torch

from dlcr.core.settings import PaintSettings
from dlcr.inpaint.batches import Batches
from dlcr.inpaint.latents import Item


class Small:
    """Paints up to `room` variants at once; each picture shows its seed."""

    def __init__(self, room):
        self.room, self.calls = room, []

    def paint_items(self, items, settings):
        self.calls.append((len(items), settings.batch))
        if settings.batch > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return [np.full((2, 2, 3), item.seed, np.uint8) for item in items]


ITEMS = [Item(None, "red dress", seed) for seed in range(10)]


def test_a_batch_that_does_not_fit_is_halved_and_nothing_is_lost():
    batches = Batches(engine := Small(room=3), PaintSettings(batch=8))
    painted = batches.paint(ITEMS)
    assert [int(one.picture[0, 0, 0]) for one in painted] == list(range(10))
    assert {one.settings.batch for one in painted} == {2}
    assert engine.calls[:3] == [(8, 8), (4, 4), (2, 2)]
    assert batches.paint(ITEMS[:1])[0].settings.batch == 2  # the new shape stays


def test_what_fits_keeps_its_shape():
    batches = Batches(engine := Small(room=8), PaintSettings(batch=4))
    assert {one.settings.batch for one in batches.paint(ITEMS)} == {4}
    assert engine.calls == [(4, 4), (4, 4), (2, 4)]


def test_not_even_one_is_an_error():
    with pytest.raises(torch.OutOfMemoryError):
        Batches(Small(room=0), PaintSettings(batch=4)).paint(ITEMS)
