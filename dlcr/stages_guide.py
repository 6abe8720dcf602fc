"""Discriminator guidance: train the discriminator of a data set, and find it again when it is to guide. Part of the stages.

`guidance/<data set>/<digest>` holds a trained one, named after its own content, so that a variant's lineage can name it for good;
`newest.json` says which is meant where none is named. `state-*.safetensors` is a training that is not finished.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcr.catalog import SampleRow, VariantRow
from dlcr.core.ahead import ahead
from dlcr.core.errors import Cancelled, PhotoError, SettingError, TrainingError, UsageError
from dlcr.core.files import sweep, write_json
from dlcr.core.images import read_photo, resize
from dlcr.core.settings import GuideSettings, PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint import crop
from dlcr.session import Session
from dlcr.stages_expansion import only_embedded

if TYPE_CHECKING:
    from dlcr.inpaint.learning import Learner, Pairs

PAGE = 500
ENCODED = 16
"""Pictures that are encoded at once."""
SAVED = 100
"""Steps after which the state of a training is written."""
NEWEST = "newest.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: `what` is encoding or training, `done` of `total`, the last loss."""

    what: str
    done: int
    total: int
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """A discriminator: its digest and folder, accuracy on held-out people (all bands of timesteps, and each), what it learned
    from. `finished` is False if the time was up first: the same call goes on."""

    digest: str
    path: Path
    accuracy: float
    bands: Mapping[str, float]
    steps: int
    finished: bool
    photos: int
    variants: int
    held_out: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Fake:
    """One first-pass variant: its photo, its row, the part of the photo that was shown to the model."""

    sample: SampleRow
    row: VariantRow
    box: Box


def guide(
    session: Session, dataset: str, settings: GuideSettings | None = None, *, minutes: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Trained:  # fmt: skip
    """Train the discriminator of a data set on its photos and their first-pass variants, or go on with it.

    A finished one is given back as it is. `minutes` ends the training early, `on_progress` may raise Cancelled; either way
    the same call goes on where it was. UsageError if there are no variants of this session's inpainter, or of one person only.
    """
    from dlcr.inpaint.learning import Clock, Learner

    settings, start = settings or GuideSettings(), time.monotonic()
    fakes = first_pass(session, dataset, settings)
    folder = _folder(session, dataset)
    sweep(folder)
    work = _work(session, settings, fakes)
    if found := _finished(folder, work):
        write_json(folder / NEWEST, {"digest": found.digest})
        return found
    held = _held_out(fakes, settings)
    learned = [one for one, out in zip(fakes, held, strict=True) if not out]
    kept_out = [one for one, out in zip(fakes, held, strict=True) if out]
    report = on_progress or (lambda progress: None)
    pairs = _encode(session, learned, 0, len(fakes), report)
    test = _encode(session, kept_out, len(learned), len(fakes), report)
    learner = Learner(pairs, Clock(session.inpainter.sampler.levels()), settings, str(session.inpainter.device))
    state = folder / f"state-{work}.safetensors"
    _train(learner, state, None if minutes is None else time.monotonic() + 60 * minutes, report)
    bands = learner.accuracy(test)
    facts = {
        "work": work, "dataset": dataset, "settings": settings.model_dump(), "finished": learner.done == settings.steps,
        "done": learner.done, "bands": bands, "accuracy": float(np.mean([*bands.values()])),
        "photos": len(pairs.real) + len(test.real), "variants": len(fakes), "held_out": len(kept_out),
        "inpainter_name": session.inpainter.name, "seconds": time.monotonic() - start,
    }  # fmt: skip
    from dlcr.inpaint.discriminator import keep

    digest, path = keep(folder, learner.network, learner.shape, session.inpainter.digest, facts)
    write_json(folder / NEWEST, {"digest": digest})
    if learner.done == settings.steps:
        state.unlink(missing_ok=True)
    return _trained(path, facts | {"digest": digest})


def guiding(session: Session, settings: PaintSettings, dataset: str = "") -> PaintSettings:
    """The settings with the digest of the discriminator that is to guide, which the inpainter then has; unchanged without guidance.

    The one the settings name, else the newest of the data set. BackendError if it fits another inpainter or is damaged.
    """
    from dlcr.inpaint.discriminator import read

    if not settings.discriminator_weight:
        return settings
    engine, digest = session.inpainter, settings.discriminator or _newest(session, dataset)
    if digest not in engine.discriminators:
        places = sorted(session.workspace.guidance.glob(f"*/{digest}"))
        if not places:
            raise UsageError(
                f"there is no discriminator {digest} in this workspace.",
                "Train one (dlcr guide DATASET), or open the workspace that has it (--home).",
            )
        engine.add_discriminator(read(places[0], str(engine.device)))
    return settings.model_copy(update={"discriminator": digest})


def named(session: Session, settings: PaintSettings, name: str | None) -> PaintSettings:
    """The settings with the discriminator called `name`: a digest, or the data set whose newest is meant."""
    if name is None or not settings.discriminator_weight:
        return settings
    digest = name if re.fullmatch("[0-9a-f]{16}", name) else _newest(session, name)
    return settings.model_copy(update={"discriminator": digest})


def first_pass(session: Session, dataset: str, settings: GuideSettings) -> list[Fake]:
    """The variants to learn from: all that this inpainter painted without a discriminator, or `limit` of them by chance."""
    engine, found, after = session.inpainter, [], 0
    while page := session.catalog.painted(dataset, after, PAGE):
        samples = {one.id: one for one in page if one.split == settings.split}
        rows = session.catalog.variants_of(list(samples))
        found += [Fake(samples[row.sample_id], row, Box(*row.lineage["box"])) for row in rows if _is_first(row, engine)]
        after = page[-1].id
    found.sort(key=lambda one: (one.sample.image.as_posix(), one.row.file.as_posix()))
    if len({one.sample.pid for one in found}) < 2:
        raise UsageError(
            f"'{dataset}' has no variants of two people or more by {engine.name} in the split '{settings.split}'.",
            f"Make them first: dlcr expand {dataset}",
        )
    if only_embedded(one.row.file for one in found):
        raise UsageError(
            f"'{dataset}' has only the {len(found)} variants that come with the program, too few to learn from.",
            f"Make more: dlcr expand {dataset} --profile fast",
        )
    chosen = np.random.default_rng(settings.seed).permutation(len(found))[: settings.limit]
    return [found[row] for row in np.sort(chosen)]


def _is_first(row: VariantRow, engine: Any) -> bool:
    told = row.lineage.get("engine", {})
    same = (told.get("digest"), told.get("height"), told.get("width")) == (engine.digest, engine.height, engine.width)
    return same and not row.lineage["settings"].get("discriminator_weight")


def _held_out(fakes: Sequence[Fake], settings: GuideSettings) -> list[bool]:
    """Which variants show people who are only tested on; at least one person on each side."""
    people = sorted({one.sample.pid for one in fakes})
    count = min(len(people) - 1, max(1, round(settings.held_out * len(people))))
    out = set(np.random.default_rng([settings.seed, 7]).permutation(people)[:count].tolist())
    return [one.sample.pid in out for one in fakes]


def _encode(
    session: Session, fakes: Sequence[Fake], done: int, total: int, report: Callable[[Progress], None]
) -> "Pairs":
    """Variants and their photos as latents; unreadable ones are left out."""
    import torch

    from dlcr.inpaint.learning import Pairs

    engine, real, fake, of = session.inpainter, [], [], []
    places: dict[tuple[int, Box], int] = {}
    for group in ahead(_pictures(session, fakes), 2):
        new = [(key, photo) for key, photo, _ in group if key not in places]
        for key, _ in new:
            places.setdefault(key, len(places))
        firsts = list(dict(new).values())
        latents = engine.latents([*firsts, *(image for _, _, image in group)]).half()
        real.append(latents[: len(firsts)])
        fake.append(latents[len(firsts) :])
        of += [places[key] for key, _, _ in group]
        done += len(group)
        report(Progress("encoding", done, total))
    if not of:
        raise UsageError("none of the variants could be read.", "Paint them again: dlcr expand")
    return Pairs(torch.cat(real), torch.cat(fake), np.array(of))


def _pictures(
    session: Session, fakes: Sequence[Fake]
) -> Iterator[list[tuple[tuple[int, Box], np.ndarray, np.ndarray]]]:
    """Groups of (photo's number and box, photo, variant) in the model's size."""
    engine, group = session.inpainter, []

    def shown(path: Path, box: Box) -> np.ndarray:
        return resize(crop.cut(read_photo(path), box), engine.width, engine.height)

    for one in fakes:
        try:
            photo, image = shown(one.sample.path, one.box), shown(session.workspace.home / one.row.file, one.box)
        except PhotoError:
            continue
        group.append(((one.sample.id, one.box), photo, image))
        if len(group) == ENCODED:
            yield group
            group = []
    if group:
        yield group


def _train(learner: "Learner", state: Path, until: float | None, report: Callable[[Progress], None]) -> None:
    """Go on from the state on disk until the steps are done or the time is up; the state is written now and then."""
    from dlcr.reid import checkpoint

    if state.exists():
        tensors, facts = checkpoint.read(state)
        learner.network.load_state_dict(checkpoint.below(tensors, "network"))
        checkpoint.restore_optimiser(learner.optimiser, checkpoint.below(tensors, "optimiser"))
        learner.done = int(facts["done"])

    def save() -> None:
        tensors = {f"network.{name}": value for name, value in learner.network.state_dict().items()}
        tensors |= {f"optimiser.{key}": one for key, one in checkpoint.optimiser_tensors(learner.optimiser).items()}
        checkpoint.write(state, tensors, {"done": learner.done})

    def on_step(done: int, loss: float) -> None:
        if not np.isfinite(loss):
            raise TrainingError(f"the loss became {loss} at step {done}.", "Train with a lower learning rate.")
        if done % SAVED == 0:
            save()
        report(Progress("training", done, learner.settings.steps, loss))
        if until is not None and time.monotonic() > until:
            raise _TimeUp

    try:
        learner.run(learner.settings.steps, on_step)
    except _TimeUp:
        save()
    except Cancelled:
        save()
        raise


class _TimeUp(Exception):
    """The minutes are over."""


def _work(session: Session, settings: GuideSettings, fakes: Sequence[Fake]) -> str:
    """16 hex digits over settings, inpainter and data: what the training is about."""
    data = [(one.sample.image.as_posix(), one.sample.pid, one.row.file.name) for one in fakes]
    told = json.dumps([settings.model_dump(), session.inpainter.digest, data])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _folder(session: Session, dataset: str) -> Path:
    """Where a data set's discriminators lie."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", dataset).lstrip(".")
    if plain != dataset:
        plain = f"{plain[-40:]}-{hashlib.sha256(dataset.encode()).hexdigest()[:8]}"
    return session.workspace.guidance / plain


def _newest(session: Session, dataset: str) -> str:
    train = "Train one first: dlcr guide DATASET"
    if not dataset:
        raise SettingError("which discriminator is to guide?", "Name a data set or a digest (--discriminator).")
    try:
        return str(json.loads((_folder(session, dataset) / NEWEST).read_text(encoding="utf-8"))["digest"])
    except FileNotFoundError as error:
        raise UsageError(f"no discriminator was trained on '{dataset}'.", train) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{_folder(session, dataset) / NEWEST} is damaged: {error}.", train) from error


def _finished(folder: Path, work: str) -> Trained | None:
    """The finished discriminator of this very work, if there is one."""
    for path in sorted(folder.glob("*/config.json")):
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            if facts["work"] == work and facts["finished"]:
                return _trained(path.parent, facts)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not one of ours, or damaged: it is trained again
    return None


def _trained(path: Path, facts: Mapping[str, Any]) -> Trained:
    names = ("accuracy", "bands", "finished", "photos", "variants", "held_out", "seconds")
    return Trained(digest=facts["digest"], path=path, steps=facts["done"], **{name: facts[name] for name in names})
