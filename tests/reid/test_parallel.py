"""Two processes through the real torchrun compute what one does."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dlcr.core.errors import SettingError
from dlcr.reid.batches import Batch, TrainingSet
from dlcr.reid.network import Body, Network
from dlcr.reid.parallel import ALONE, Group
from dlcr.reid.photos import Photos
from dlcr.reid.training import Learner

PROGRAM = """
import pickle, sys, torch
from dlcr.reid.parallel import join, leave
from tests.reid.test_parallel import one_step

torch.set_num_threads(1)
group, device = join("cpu")
found = one_step(pickle.load(open(sys.argv[1], "rb")), group)
if group.leads:
    torch.save(found, sys.argv[2])
leave()
"""


def one_step(work, group):
    """Losses, gradients and statistics after one update of everything."""
    paths, size, pid, clothes, variants, settings, real, variant = work
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 8, 3, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 12, 3, 2, bias=False)]
    network = Network(Body(nn.Sequential(*layers), 12, size))
    learner = Learner(network, TrainingSet(Photos(paths, size), pid, clothes, variants), settings, "cpu", group)
    batch = Batch(real, variant)
    learner.shared.train()
    losses = learner.step(batch, batch.load(learner.data, batch.shares(group)[group.rank]), clothes_losses=True)
    gradients = [parameter.grad for parameter in [*learner.parameters, learner.wardrobe.directions]]
    return losses, gradients, list(network.buffers())


def test_two_processes_have_the_losses_gradients_and_statistics_of_one(pictures, brief, tmp_path):
    real = np.array([0, 1, 6, 7, 12, 13, 20])[:, None]  # seven: the shares differ; the first photo has no variant
    variant = np.array([(pictures.variants[row] or [-1])[-1] for row in real[:, 0]])[:, None]
    labels = (pictures.pid, pictures.clothes, pictures.variants)
    work = (pictures.photos.paths, pictures.photos.size, *labels, brief, real, variant)
    (tmp_path / "work").write_bytes(pickle.dumps(work))
    (tmp_path / "program.py").write_text(PROGRAM)
    torchrun(2, tmp_path / "program.py", tmp_path / "work", tmp_path / "found")
    found, expected = torch.load(tmp_path / "found", weights_only=False), one_step(work, ALONE)
    assert found[0] == pytest.approx(expected[0], rel=1e-5)
    assert (expected[0][1:5] > 0).all()  # identity, clothes, adversarial, triplet
    for here, there in zip(found[1] + found[2], expected[1] + expected[2], strict=True):
        assert torch.allclose(here, there, rtol=1e-3, atol=1e-6)


def torchrun(processes, *command):
    """Run a program in several processes; its output, after checking that it ended well."""
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([*start, *map(str, command)], cwd=root, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def environment():
    """Such that the processes find the package and these tests."""
    import os

    return os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "OMP_NUM_THREADS": "1"}


def test_every_line_has_one_owner_and_variants_follow_their_photos():
    batch = Batch(np.arange(7)[:, None], np.array([-1, 8, 9, -1, 10, 11, 12])[:, None])
    shares = batch.shares(Group(0, 3))
    assert sorted(np.concatenate(shares).tolist()) == list(range(12))
    for share in shares:
        assert set(batch.parents[share[share >= 7]]) <= set(batch.parents[share[share < 7]])
    with pytest.raises(SettingError, match="too few for 8 processes"):
        batch.shares(Group(0, 8))
