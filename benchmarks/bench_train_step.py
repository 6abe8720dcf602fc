"""A training step of the embedded backbone, 64 photos with CAL's losses: ours against the plain released style, interleaved.

The peer does as CAL's release: photos opened with Pillow one by one, transforms of torchvision on each, channels first, four
numbers fetched with `.item()`. Ours is the step of `dlcr train`: photos kept in memory, the whole batch augmented at once,
channels last, freed memory kept. Each runs in a process of its own, for the allocator's sake, and the two take turns; processor
seconds count, so that a busy machine disturbs less. The floor is forward and backward pass alone, in our form.

    python benchmarks/bench_train_step.py [--steps 5] [--repeats 3]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torchvision import transforms

from dlcr.core.training import TrainSettings
from dlcr.data import world_root
from dlcr.reid.augment import draw_changes
from dlcr.reid.batches import Batch, TrainingSet
from dlcr.reid.losses import clothes_adversarial_loss, clothes_loss, identity_loss
from dlcr.reid.network import ClothesClassifier, identity_classifier
from dlcr.reid.photos import Photos
from dlcr.reid.registry import build_network
from dlcr.reid.training import Learner

BATCH = 64
WAYS = ("ours", "peer", "floor")


def training_set(size: tuple[int, int]) -> TrainingSet:
    """The embedded world's train split."""
    paths = sorted((world_root() / "rgb" / "train").rglob("*.jpg"))
    pid = np.unique([path.parent.name for path in paths], return_inverse=True)[1]
    clothes = np.unique([f"{path.parent.name}{path.name[0] == 'C'}" for path in paths], return_inverse=True)[1]
    return TrainingSet(Photos(paths, size), pid.astype(np.int64), clothes.astype(np.int64), [[] for _ in paths])


def rows(step: int, count: int) -> np.ndarray:
    """The photos of a step."""
    return np.random.default_rng(step).choice(count, BATCH, replace=False)


def ours(floor: bool = False) -> Callable[[int], object]:
    """The step as `dlcr train` does it; its passes alone for the floor."""
    network = build_network("demo")
    data = training_set(network.size)
    learner = Learner(network, data, TrainSettings(), "cpu")
    network.train()
    x = torch.rand(BATCH, 3, *network.size).contiguous(memory_format=torch.channels_last)

    def step(number: int) -> object:
        if floor:
            network.zero_grad()
            torch.autograd.backward(network(x).sum())
            return None
        batch = Batch(rows(number, len(data.pid))[:, None], np.full((BATCH, 1), -1))
        changes = draw_changes(BATCH, network.size, 0.5, np.random.default_rng(number))
        return learner.step(batch, batch.load(data, np.arange(BATCH)), True, changes=changes)

    return step


def released() -> Callable[[int], object]:
    """The same step, plainly."""
    network = build_network("demo").train()
    data, (height, width) = training_set(network.size), network.size
    classifier = identity_classifier(network.width, int(data.pid.max()) + 1)
    wardrobe = ClothesClassifier(network.width, int(data.clothes.max()) + 1)
    optimiser = torch.optim.Adam([*network.parameters(), *classifier.parameters()], lr=3.5e-4, weight_decay=5e-4)
    second = torch.optim.Adam(wardrobe.parameters(), lr=3.5e-4, weight_decay=5e-4)
    owned = torch.from_numpy(data.owned())
    larger = [transforms.Resize((height * 9 // 8, width * 9 // 8)), transforms.RandomCrop((height, width))]
    each = transforms.Compose(
        [
            transforms.Resize((height, width)), transforms.RandomApply(larger, 0.5), transforms.RandomHorizontalFlip(),
            transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3), transforms.RandomErasing(0.5),
        ]
    )  # fmt: skip

    def step(number: int) -> object:
        chosen = rows(number, len(data.pid))
        x = torch.stack([each(Image.open(data.photos.paths[row]).convert("RGB")) for row in chosen])
        pid, clothes = torch.from_numpy(data.pid[chosen]), torch.from_numpy(data.clothes[chosen])
        features = network(x)
        logits = classifier(features)
        worn = clothes_loss(wardrobe(features.detach()), clothes)
        second.zero_grad()
        torch.autograd.backward(worn)
        second.step()
        identity = identity_loss(logits, pid)
        adversarial = clothes_adversarial_loss(wardrobe(features), clothes, owned[pid])
        optimiser.zero_grad()
        torch.autograd.backward(identity + adversarial)
        optimiser.step()
        right = (logits.argmax(1) == pid).float().mean()
        return identity.item(), worn.item(), adversarial.item(), right.item()

    return step


def measure(way: str, steps: int) -> float:
    """Processor seconds of one step, the least of `steps` after a first one."""
    step = released() if way == "peer" else ours(floor=way == "floor")
    step(0)
    found = []
    for number in range(1, steps + 1):
        start = time.process_time()
        step(number)
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        torch.set_num_threads(1)
        print(measure(given.way, given.steps))
        return
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(given.repeats):
        for way in WAYS:
            command = [sys.executable, __file__, "--way", way, "--steps", str(given.steps)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            times[way].append(float(done.stdout))
    middle = {way: statistics.median(found) for way, found in times.items()}
    result = {"name": "train-step", "ours": middle["ours"], "peer": middle["peer"], "peer_is": "CAL's release style"}
    result |= {"ratio": middle["peer"] / middle["ours"], "floor": middle["floor"], "wanted": 1.3}
    result |= {"images_per_second": BATCH / middle["ours"]}
    machine = {"cpus": len(os.sched_getaffinity(0)), "threads": 1, "torch": torch.__version__}
    print(json.dumps({"results": [result], "seconds": times, "machine": machine}))


if __name__ == "__main__":
    main()
