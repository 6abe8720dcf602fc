"""A tiny packed corpus for the trainers: real crops of the embedded set, labels drawn as blocks, two texts."""

import json
from pathlib import Path

import numpy as np
import timm
import torch

from dlcr.core.images import read_photo, resize
from dlcr.data import world_root
from tools.pack_corpus import CLASSES, HEIGHT, WIDTH

TEXTS = ("red striped t-shirt | blue jeans | white shoes", "pink coat | black trousers | grey shoes | navy cap")
ALIKE = (0, 1, 2)
"""Rows that are to be taken for one shot."""


def write_corpus(folder: Path, count: int = 16) -> Path:
    """Photos, labels and meta.json as `tools.pack_corpus` writes them; every fourth held out, every second 'real', three alike."""
    folder.mkdir(parents=True)
    files = sorted(world_root().glob("rgb/train/*/*.jpg"))[:count]
    labels = np.zeros((count, HEIGHT, WIDTH), np.uint8)
    parts = ((10, 40, 1), (40, 55, 2), (55, 130, 4), (130, 215, 5), (215, 240, 7))
    for top, bottom, value in parts:
        labels[:, top:bottom, 40:90] = CLASSES.index(CLASSES[value])
    np.save(folder / "photos.npy", np.stack([resize(read_photo(file), WIDTH, HEIGHT) for file in files]))
    np.save(folder / "labels.npy", labels)
    meta = {
        "classes": CLASSES,
        "text": [TEXTS[i % 2] for i in range(count)],
        "held_out": [i % 4 == 3 for i in range(count)],
        "source": [f"ccp/{i}" if i % 2 else f"world-00/{i}" for i in range(count)],
        "shot": ["7/0" if i in ALIKE else "" for i in range(count)],
    }
    (folder / "meta.json").write_text(json.dumps(meta))
    return folder


def write_weights(file: Path) -> Path:
    """Random weights in the form of the ImageNet package's file."""
    torch.save(timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict(), file)
    return file
