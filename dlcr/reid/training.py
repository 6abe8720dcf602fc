"""The training loop: CAL, with or without generated variants; resumable after every epoch, the same numbers as if uninterrupted.

Every draw of an epoch (batches, variants, augmentation) comes from the seed and the epoch's number, so that a resumed epoch is
the same epoch. Start with `train`, then `Learner.step`.
"""

import json
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from dlcr.core.errors import SettingError, TrainingError
from dlcr.core.files import write_bytes
from dlcr.core.training import TrainSettings
from dlcr.reid import checkpoint
from dlcr.reid.events import scalar_log
from dlcr.reid.losses import clothes_adversarial_loss, clothes_loss, identity_loss, triplet_loss
from dlcr.reid.network import ClothesClassifier, Network, identity_classifier
from dlcr.reid.photos import Photos
from dlcr.reid.sampler import draw_variants, identity_batches
from dlcr.reid.schedule import Schedule

LOG, EVENTS = "log.jsonl", "events.out.tfevents.0.dlcr"


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """N real photos, the first of `photos`, and their variants after them.

    `pid` and `clothes` (N,) int64 are dense labels from 0; `variants` names each real photo's variants as rows of `photos`.
    """

    photos: Photos
    pid: np.ndarray
    clothes: np.ndarray
    variants: Sequence[Sequence[int]]

    def owned(self) -> np.ndarray:
        """(P, C) bool: which outfits are which person's."""
        table = np.zeros((int(self.pid.max()) + 1, int(self.clothes.max()) + 1), bool)
        table[self.pid, self.clothes] = True
        return table


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch's means over its batches; `accuracy` is the identity classifier's on the real photos, 0..1."""

    epoch: int
    time: float
    loss: float
    identity: float
    clothes: float
    adversarial: float
    triplet: float
    accuracy: float
    learning_rate: float
    usable_variants: int
    images: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands: `step` of `steps` of `epoch` (from 0) of `epochs` done."""

    epoch: int
    epochs: int
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of photos: `real` ones and for each a variant, -1 where there is none; (n,) int64 both."""

    real: np.ndarray
    variant: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        return np.concatenate([self.real, self.variant[self.variant >= 0]])

    @property
    def parents(self) -> np.ndarray:
        """The real photo of each of `rows`."""
        return np.concatenate([self.real, self.real[self.variant >= 0]])


def train(
    network: Network, data: TrainingSet, settings: TrainSettings, folder: Path, *,
    device: str = "cpu", on_step: Callable[[Progress], None] | None = None,
    on_epoch: Callable[[Sequence[Epoch]], None] | None = None,
) -> list[Epoch]:  # fmt: skip
    """Train `network` in place and give its history; a folder with checkpoints is gone on with.

    `folder` gets a checkpoint after every epoch, `log.jsonl` and a TensorBoard file; then `on_epoch` gets the history so far.
    `on_step` may raise Cancelled. TrainingError if the loss is not finite (the last checkpoint stays) or the newest checkpoint is
    damaged.
    """
    if not len(data.pid):
        raise SettingError("there are no photos to train on.", "Choose a data set with a train split.")
    learner = Learner(network, data, settings, device)
    history = learner.restore(folder)
    if on_epoch:
        on_epoch(history)
    for epoch in range(len(history), settings.epochs):
        with torch.random.fork_rng():
            history.append(learner.epoch(epoch, on_step))
        learner.save(folder, history)
        if on_epoch:
            on_epoch(history)
    return history


class Learner:
    """Networks, optimisers and one epoch's work."""

    def __init__(self, network: Network, data: TrainingSet, settings: TrainSettings, device: str) -> None:
        self.data, self.settings, self.device = data, settings, torch.device(device)
        self.schedule = Schedule(settings.epochs, settings.progressive)
        owned = data.owned()
        with torch.random.fork_rng():
            torch.manual_seed(settings.seed)
            self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            self.classifier = identity_classifier(network.width, owned.shape[0]).to(self.device)
            self.wardrobe = ClothesClassifier(network.width, owned.shape[1]).to(self.device)
        self.owned = torch.from_numpy(owned).to(self.device)
        self.pid = torch.from_numpy(data.pid).to(self.device)
        self.clothes = torch.from_numpy(data.clothes).to(self.device)
        self.parameters = [*network.parameters(), *self.classifier.parameters()]
        rate, decay = settings.learning_rate, settings.weight_decay
        self.optimiser = torch.optim.Adam(self.parameters, lr=rate, weight_decay=decay)
        self.wardrobe_optimiser = torch.optim.Adam(self.wardrobe.parameters(), lr=rate, weight_decay=decay)
        self.half = settings.amp and self.device.type == "cuda"
        self.scaler = torch.amp.GradScaler(enabled=self.half)
        self.augment = augmentation(network.size, settings.erasing)

    def epoch(self, epoch: int, on_step: Callable[[Progress], None] | None = None) -> Epoch:
        """Go once through the real photos."""
        started = time.monotonic()
        rng = np.random.default_rng([self.settings.seed, epoch])
        batches = self._batches(epoch, rng)
        torch.manual_seed(int(rng.integers(2**62)))
        rate = self.schedule.learning_rate(epoch, self.settings.learning_rate)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.network.train()
        sums, images = np.zeros(6), 0
        with closing(self._loaded(batches)) as loaded:
            for step, (batch, photos) in enumerate(loaded):
                if on_step:
                    on_step(Progress(epoch, self.settings.epochs, step, len(batches)))
                losses = self.step(batch, photos, self._clothes_losses(epoch))
                if not np.isfinite(losses[0]):
                    raise TrainingError(
                        f"the loss became {losses[0]} in epoch {epoch}, step {step}; the state after epoch {epoch - 1} is kept.",
                        "Start a run with a lower learning rate, or without half precision.",
                    )
                sums += losses
                images += len(photos)
        loss, identity, clothes, adversarial, triplet, accuracy = (float(value) for value in sums / len(batches))
        usable = self.schedule.usable_variants(epoch, self.settings.variants)
        return Epoch(
            epoch, time.time(), loss, identity, clothes, adversarial, triplet, accuracy,
            learning_rate=rate, usable_variants=usable, images=images, seconds=time.monotonic() - started,
        )  # fmt: skip

    def step(self, batch: Batch, photos: Tensor, clothes_losses: bool) -> np.ndarray:
        """One update: (6,) float64 of loss, identity, clothes, adversarial, triplet loss and accuracy."""
        x = torch.stack([self.augment(photo) for photo in self.network.normalise(photos)])
        x = x.contiguous(memory_format=torch.channels_last)  # a fifth faster on CPUs, and what half precision wants
        parents = torch.from_numpy(batch.parents).to(self.device)
        pid, clothes, count = self.pid[parents], self.clothes[parents[: len(batch.real)]], len(batch.real)
        with torch.autocast(self.device.type, torch.float16, enabled=self.half):
            features = self.network(x)
            logits = self.classifier(features).float()
        features = features.float()
        identity, zero = identity_loss(logits, pid, self.settings.smoothing), logits.new_zeros(())
        seen, adversarial, triplet = zero, zero, zero
        if clothes_losses:
            seen = self._learn_clothes(features[:count].detach(), clothes)
            # only the photo's network learns from this one: the classifier's gradients are dropped before its next step
            adversarial = clothes_adversarial_loss(self.wardrobe(features[:count]), clothes, self.owned[pid[:count]])
        if self.settings.triplet_weight:
            triplet = self.settings.triplet_weight * triplet_loss(features, pid)
        loss = identity + adversarial + triplet
        if torch.isfinite(loss):
            self._update(loss)
        accuracy = (logits[:count].argmax(1) == pid[:count]).float().mean()
        return torch.stack([loss, identity, seen, adversarial, triplet, accuracy]).detach().double().cpu().numpy()

    def save(self, folder: Path, history: Sequence[Epoch]) -> None:
        """Write the state after the last epoch of `history`, then the logs; older checkpoints go."""
        parts = {"network": self.network, "classifier": self.classifier, "wardrobe": self.wardrobe}
        tensors = {
            f"{part}.{key}": value for part, module in parts.items() for key, value in module.state_dict().items()
        }
        for name, optimiser in self._optimisers().items():
            tensors |= {f"{name}.{key}": value for key, value in checkpoint.optimiser_tensors(optimiser).items()}
        rows = [asdict(row) for row in history]
        facts = {"settings": self.settings.model_dump(), "history": rows, "scaler": self.scaler.state_dict()}
        checkpoint.write(checkpoint.path_of(folder, len(history)), tensors, facts)
        checkpoint.tidy(folder)
        write_bytes(folder / LOG, "".join(json.dumps(row) + "\n" for row in rows).encode())
        write_bytes(folder / EVENTS, scalar_log(rows))

    def restore(self, folder: Path) -> list[Epoch]:
        """Load the newest checkpoint in `folder`, if there is one, and give the history up to it."""
        found = checkpoint.checkpoints(folder)
        if not found:
            return []
        tensors, facts = checkpoint.read(found[-1])
        if facts["settings"] != self.settings.model_dump():
            changed = [
                name for name, value in self.settings.model_dump().items() if facts["settings"].get(name) != value
            ]
            raise SettingError(
                f"{folder} holds a training with other settings: {', '.join(changed)}.",
                "Choose another name for the run.",
            )
        for name, module in {"network": self.network, "classifier": self.classifier, "wardrobe": self.wardrobe}.items():
            module.load_state_dict(checkpoint.below(tensors, name))
        for name, optimiser in self._optimisers().items():
            checkpoint.restore_optimiser(optimiser, checkpoint.below(tensors, name))
        if facts["scaler"]:
            self.scaler.load_state_dict(facts["scaler"])
        return [Epoch(**row) for row in facts["history"]]

    def _optimisers(self) -> dict[str, torch.optim.Optimizer]:
        return {"optimiser": self.optimiser, "wardrobe_optimiser": self.wardrobe_optimiser}

    def _clothes_losses(self, epoch: int) -> bool:
        return self.settings.clothes_losses and self.schedule.clothes_losses(epoch)

    def _batches(self, epoch: int, rng: np.random.Generator) -> list[Batch]:
        reals = identity_batches(self.data.pid, self.settings.people, self.settings.photos_per_person, rng)
        limits = [min(len(rows), self.settings.variants) for rows in self.data.variants]
        usable = np.array([self.schedule.usable_variants(epoch, count) for count in limits])
        batches = []
        for real in reals:
            places = draw_variants(usable[real], rng)
            rows = [self.data.variants[r][place] if place >= 0 else -1 for r, place in zip(real, places, strict=True)]
            batches.append(Batch(real, np.array(rows, np.int64)))
        return batches

    def _loaded(self, batches: Sequence[Batch]) -> Generator[tuple[Batch, Tensor]]:
        """Each batch with its photos, the next one read meanwhile."""
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self.data.photos.batch, batches[0].rows)
            for batch, following in zip(batches, [*batches[1:], None], strict=True):
                photos = coming.result()
                if following is not None:
                    coming = ahead.submit(self.data.photos.batch, following.rows)
                yield batch, photos

    def _learn_clothes(self, features: Tensor, clothes: Tensor) -> Tensor:
        loss = clothes_loss(self.wardrobe(features), clothes)
        self.wardrobe_optimiser.zero_grad()
        torch.autograd.backward(loss)
        self.wardrobe_optimiser.step()
        return loss

    def _update(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        torch.autograd.backward(self.scaler.scale(loss))
        self.scaler.unscale_(self.optimiser)
        nn.utils.clip_grad_norm_(self.parameters, self.settings.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()


def augmentation(size: tuple[int, int], erasing: float = 0.5) -> nn.Module:
    """For a normalised photo (3, H, W): crop of its 1.125-fold, flip, erased rectangle, each half of the time (Gu et al. 2022)."""
    larger = [round(side * 1.125) for side in size]
    crop = v2.RandomApply([v2.Resize(larger, antialias=True), v2.RandomCrop(size)], p=0.5)
    erase = v2.RandomErasing(p=erasing, scale=(0.02, 0.4), ratio=(0.3, 1 / 0.3))
    made: nn.Module = v2.Compose([crop, v2.RandomHorizontalFlip(0.5), erase])
    return made
