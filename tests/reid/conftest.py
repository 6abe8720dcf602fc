import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from dlcr.core.training import TrainSettings
from dlcr.reid.batches import TrainingSet
from dlcr.reid.network import Body, Network
from dlcr.reid.photos import Photos

SIZE = (32, 16)
PEOPLE = 6


@pytest.fixture
def small():
    """Builds a tiny network, the same one for the same seed."""

    def build(seed: int = 0) -> Network:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            layers = [
                nn.Conv2d(3, 8, 3, 2, 1),
                nn.BatchNorm2d(8),
                nn.ReLU(),
                nn.Conv2d(8, 12, 3, 2, 1),
                nn.Dropout2d(0.1),
            ]
            return Network(Body(nn.Sequential(*layers), 12, SIZE))

    return build


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Six people, two outfits, five photos each: head in the person's colour, body in the outfit's; two variants of all but one."""
    folder, rng = tmp_path_factory.mktemp("people"), np.random.default_rng(0)
    heads, bodies = rng.integers(0, 256, (PEOPLE, 3)), rng.integers(0, 256, (2 * PEOPLE, 3))
    paths, pid, clothes, variants = [], [], [], []

    def draw(person, body):
        photo = np.empty((*SIZE, 3))
        photo[:12], photo[12:] = heads[person], body
        noisy = np.clip(photo + rng.normal(0, 12, photo.shape), 0, 255).astype(np.uint8)
        paths.append(folder / f"{len(paths)}.png")
        Image.fromarray(noisy).save(paths[-1])

    for outfit in range(2 * PEOPLE):
        for _ in range(5):
            draw(outfit // 2, bodies[outfit])
            pid.append(outfit // 2)
            clothes.append(outfit)
    for row, person in enumerate(pid):
        variants.append([len(paths), len(paths) + 1] if row else [])
        for _ in variants[-1]:
            draw(person, rng.integers(0, 256, 3))
    return TrainingSet(Photos(paths, SIZE), np.array(pid), np.array(clothes), variants)


@pytest.fixture
def brief():
    """A short training that uses everything: variants, clothes losses, triplet."""
    return TrainSettings(epochs=4, batch=32, photos_per_person=4, variants=2, triplet_weight=0.5, learning_rate=3e-3)
