"""The training loop: CAL, with or without generated variants; resumable after every epoch, the same numbers as if uninterrupted.

Every draw of an epoch (batches, variants, augmentation) comes from the seed and the epoch's number, so that a resumed epoch is
the same epoch. Several processes share each batch (`parallel.py`). Start with `train`, then `Learner.step`.
"""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dlcr.backend.device import keep_freed_memory
from dlcr.core.errors import SettingError, TrainingError
from dlcr.core.files import write_bytes
from dlcr.core.training import LOG, TrainSettings
from dlcr.reid import checkpoint
from dlcr.reid.augment import Changes, changed, draw_changes
from dlcr.reid.batches import Batch, TrainingSet, draw_batches, loaded
from dlcr.reid.events import scalar_log
from dlcr.reid.losses import clothes_adversarial_loss, clothes_loss, identity_loss, triplet_loss
from dlcr.reid.network import ClothesClassifier, Network, identity_classifier
from dlcr.reid.parallel import ALONE, Group
from dlcr.reid.schedule import Schedule

EVENTS = "events.out.tfevents.0.dlcr"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch's means over its batches; `accuracy` is the identity classifier's on the real photos, 0..1.

    `rank1` and `mAP` after it where the network was tested, else None.
    """

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
    rank1: float | None = None
    mAP: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands: `step` of `steps` of `epoch` (from 0) of `epochs` done."""

    epoch: int
    epochs: int
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Reached:
    """What a network scored on the way, as fractions of 1."""

    rank1: float
    mAP: float


def train(
    network: Network, data: TrainingSet, settings: TrainSettings, folder: Path, *,
    device: str = "cpu", on_step: Callable[[Progress], None] | None = None,
    on_epoch: Callable[[Sequence[Epoch]], None] | None = None, test: Callable[[], Reached] | None = None,
    on_best: Callable[[Reached], None] | None = None, group: Group = ALONE,
) -> list[Epoch]:  # fmt: skip
    """Train `network` in place and give its history; a folder with checkpoints is gone on with.

    `folder` gets a checkpoint after every epoch, `log.jsonl` and a TensorBoard file; then `on_epoch` gets the history so far.
    `test` is asked after every `evaluate_every` epochs and the last one, `on_best` called where rank-1 is higher than ever
    before. Of a `group` only the leading process tests and writes. `on_step` may raise Cancelled. TrainingError if the loss is
    not finite (the last checkpoint stays) or the newest checkpoint is damaged.
    """
    if not len(data.pid):
        raise SettingError("there are no photos to train on.", "Choose a data set with a train split.")
    learner = Learner(network, data, settings, device, group)
    history = learner.restore(folder)
    if history and group.leads:
        learner.tell(folder, history)  # whoever was killed may have got no further than the checkpoint
    group.agree(len(history), "the epochs that are done")
    if on_epoch:
        on_epoch(history)
    for epoch in range(len(history), settings.epochs):
        with torch.random.fork_rng():
            history.append(learner.epoch(epoch, on_step))
        if group.leads:
            if test and _is_tested(epoch, settings):
                _test(history, test, on_best)
            learner.save(folder, history)
        if on_epoch:
            on_epoch(history)
    return history


def _is_tested(epoch: int, settings: TrainSettings) -> bool:
    every = settings.evaluate_every
    return bool(every) and ((epoch + 1) % every == 0 or epoch + 1 == settings.epochs)


def _test(history: list[Epoch], test: Callable[[], Reached], on_best: Callable[[Reached], None] | None) -> None:
    """Put the network's score into the last row of `history`."""
    found, before = test(), [row.rank1 for row in history if row.rank1 is not None]
    if on_best and found.rank1 > max(before, default=-1.0):
        on_best(found)
    history[-1] = replace(history[-1], rank1=found.rank1, mAP=found.mAP)


class Learner:
    """Networks, optimisers and one epoch's work."""

    def __init__(
        self, network: Network, data: TrainingSet, settings: TrainSettings, device: str, group: Group = ALONE
    ) -> None:
        self.data, self.settings, self.device, self.group = data, settings, torch.device(device), group
        self.schedule = Schedule(settings.epochs, settings.progressive, settings.video)
        if self.device.type == "cpu":
            keep_freed_memory()
        owned = data.owned()
        with torch.random.fork_rng():
            torch.manual_seed(settings.seed)
            self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            self.classifier = identity_classifier(network.width, owned.shape[0]).to(self.device)
            self.wardrobe = ClothesClassifier(network.width, owned.shape[1]).to(self.device)
        self.owned = torch.from_numpy(owned).to(self.device)
        self.pid = torch.from_numpy(data.pid).to(self.device)
        self.clothes = torch.from_numpy(data.clothes).to(self.device)
        # the embedded body uses all its weights; others may leave some out
        self.shared = group.spread(self.network, unused=settings.backbone != "demo")
        self.parameters = [*network.parameters(), *self.classifier.parameters()]
        rate, decay = settings.learning_rate, settings.weight_decay
        self.optimiser = torch.optim.Adam(self.parameters, lr=rate, weight_decay=decay)
        self.wardrobe_optimiser = torch.optim.Adam(self.wardrobe.parameters(), lr=rate, weight_decay=decay)
        self.half = settings.amp and self.device.type == "cuda"
        self.scaler = torch.amp.GradScaler(enabled=self.half)

    def epoch(self, epoch: int, on_step: Callable[[Progress], None] | None = None) -> Epoch:
        """Go once through the real photos."""
        started = time.monotonic()
        rng = np.random.default_rng([self.settings.seed, epoch])
        batches = draw_batches(self.data, self.settings, self.schedule, epoch, rng)
        torch.manual_seed(int(rng.integers(2**62)) + self.group.rank)
        rate = self.schedule.learning_rate(epoch, self.settings.learning_rate)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.shared.train()
        sums, images = np.zeros(6), 0
        with closing(loaded(self.data, batches, self.group)) as coming:
            for step, (batch, shares, photos) in enumerate(coming):
                if on_step:
                    on_step(Progress(epoch, self.settings.epochs, step, len(batches)))
                changes = draw_changes(len(batch.lines), self.network.size, self.settings.erasing, rng)
                losses = self.step(batch, photos, self._clothes_losses(epoch), changes=changes, shares=shares)
                if not np.isfinite(losses[0]):
                    raise TrainingError(
                        f"the loss became {losses[0]} in epoch {epoch}, step {step}; the state after epoch {epoch - 1} is kept.",
                        "Start a run with a lower learning rate, or without half precision.",
                    )
                sums += losses
                images += batch.lines.size
        loss, identity, clothes, adversarial, triplet, accuracy = (float(value) for value in sums / len(batches))
        usable = self.schedule.usable_variants(epoch, self.settings.variants)
        return Epoch(
            epoch, time.time(), loss, identity, clothes, adversarial, triplet, accuracy,
            learning_rate=rate, usable_variants=usable, images=images, seconds=time.monotonic() - started,
        )  # fmt: skip

    def step(
        self, batch: Batch, photos: Tensor, clothes_losses: bool, *,
        changes: Changes | None = None, shares: Sequence[np.ndarray] | None = None,
    ) -> np.ndarray:  # fmt: skip
        """One update: (6,) float64 of loss, identity, clothes, adversarial, triplet loss and accuracy, all of the whole batch.

        `photos` are this process' own of `shares`; `changes` those of the whole batch's lines, None = as they are.
        """
        shares, frames = shares or batch.shares(self.group), batch.real.shape[1]
        x = self.network.normalise(photos)
        if changes is not None:
            x = changed(x, changes.take(shares[self.group.rank], frames))
        x = x.contiguous(memory_format=torch.channels_last)  # half the time on CPUs, and what half precision wants
        parents = torch.from_numpy(batch.parents).to(self.device)
        pid, clothes, count = self.pid[parents], self.clothes[parents[: len(batch.real)]], len(batch.real)
        with torch.autocast(self.device.type, torch.float16, enabled=self.half):
            own = self.shared(x, frames)
        features = self.group.gather(own.float(), shares)
        with torch.autocast(self.device.type, torch.float16, enabled=self.half):
            logits = self.classifier(features).float()
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
        self.tell(folder, history)

    def tell(self, folder: Path, history: Sequence[Epoch]) -> None:
        """Write the logs of what the newest checkpoint holds; older checkpoints and half written files go."""
        rows = [asdict(row) for row in history]
        checkpoint.tidy(folder)
        write_bytes(folder / LOG, "".join(json.dumps(row) + "\n" for row in rows).encode())
        write_bytes(folder / EVENTS, scalar_log(rows))

    def restore(self, folder: Path) -> list[Epoch]:
        """Load the newest checkpoint in `folder`, if there is one, and give the history up to it."""
        found = checkpoint.checkpoints(folder)
        if not found:
            return []
        tensors, facts = checkpoint.read(found[-1])
        before = TrainSettings(**facts["settings"]).model_dump()
        differs = [name for name, value in self.settings.model_dump().items() if before[name] != value]
        if differs:
            raise SettingError(
                f"{folder} holds a training with other settings: {', '.join(differs)}.",
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

    def _learn_clothes(self, features: Tensor, clothes: Tensor) -> Tensor:
        loss = clothes_loss(self.wardrobe(features), clothes)
        self.wardrobe_optimiser.zero_grad()
        torch.autograd.backward(loss)
        self.group.average(self.wardrobe.parameters())
        self.wardrobe_optimiser.step()
        return loss

    def _update(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        torch.autograd.backward(self.scaler.scale(loss))
        self.group.average(self.classifier.parameters())
        self.scaler.unscale_(self.optimiser)
        nn.utils.clip_grad_norm_(self.parameters, self.settings.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
