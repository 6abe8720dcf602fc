"""What discriminator guidance brings on the embedded world: its accuracy, Frechet distance, prompt agreement, by weight.

    python -m tools.evaluate_guidance [--learn 24] [--photos 12] [--weights 0,0.5,1,2] [--training 1200]

The discriminator learns from first-pass variants of half of the test people (`--learn` photos, four variants each) and from their
photos; the figures are on photos of the others, the same prompts and seeds for every weight, painted in 10 steps. Prompts and
measures are those of `tools.evaluate_embedded`. One line of JSON a weight, as soon as it is there; the first tells the accuracy.
"""

import argparse
import json
import tempfile
import time

import numpy as np
import torch

from dlcr import stages
from dlcr.core.images import resize
from dlcr.core.settings import GuideSettings
from dlcr.inpaint import crop
from dlcr.inpaint.discriminator import Discriminator
from dlcr.inpaint.learning import Clock, Learner, Pairs
from dlcr.reid.backbone import features, load_trunk
from tools.evaluate_embedded import FAST, Painted, Shot, frechet, paint_all, prompt_agreement, test_shots

NAME = "0" * 16


def chosen(shots: list[Shot], people: set[int], count: int) -> list[Shot]:
    """`count` photos of some people, drawn by chance."""
    rows = [row for row, shot in enumerate(shots) if shot.pid in people]
    return [shots[row] for row in np.random.default_rng(3).permutation(rows)[:count]]


def pairs_of(session: stages.Session, painted: list[Painted]) -> Pairs:
    """Photos and their variants as latents."""
    engine, real, fake, of = session.inpainter, [], [], []
    for row, one in enumerate(painted):
        box = crop.work_box(stages.parse_photo(session, one.photo).box, one.mask, engine.height / engine.width)
        shown = [resize(crop.cut(image, box), engine.width, engine.height) for image in (one.photo, *one.images)]
        latents = engine.latents(shown).half()
        real.append(latents[:1])
        fake.append(latents[1:])
        of += [row] * len(one.images)
    return Pairs(torch.cat(real), torch.cat(fake), np.array(of))


def figures(session: stages.Session, painted: list[Painted], real: np.ndarray, seconds: float) -> dict:
    """Distance to real crops and what the captioner sees of the prompts."""
    made = features(load_trunk("cpu"), [image for one in painted for image in one.images])
    found = prompt_agreement(session, painted)
    return {
        "variants": len(made), "frechet": round(frechet(made, real), 4), "seconds_a_variant": round(seconds / len(made), 2),
        **{f"{key} seen": found.get(key) for key in ("colour", "garment", "pattern")},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learn", type=int, default=24, help="photos to learn from, four variants each")
    parser.add_argument("--photos", type=int, default=12, help="photos to measure on, four variants each")
    parser.add_argument("--weights", default="0,0.5,1,2")
    parser.add_argument("--training", type=int, default=1200, help="updates of the discriminator")
    args = parser.parse_args()
    shots = test_shots()
    people = sorted({shot.pid for shot in shots})
    ours, others = set(people[::2]), set(people[1::2])
    with tempfile.TemporaryDirectory() as home:
        session = stages.open_session(home)
        engine = session.inpainter
        tests = chosen(shots, others, args.photos)
        real = features(load_trunk("cpu"), [shot.photo for shot in shots if shot.pid in ours])
        first, seconds = paint_all(session, tests, shots, FAST)
        unguided = figures(session, first, real, seconds)
        learn, _ = paint_all(session, chosen(shots, ours, args.learn), shots, FAST)
        start = time.perf_counter()
        settings = GuideSettings(steps=args.training)
        learner = Learner(pairs_of(session, learn), Clock(engine.sampler.levels()), settings)
        losses: list[float] = []
        learner.run(args.training, lambda done, loss: losses.append(loss))
        bands = {key: round(value, 3) for key, value in learner.accuracy(pairs_of(session, first)).items()}
        told = {
            "steps": args.training, "learned_from": 4 * args.learn, "accuracy": bands,
            "mean": round(float(np.mean([*bands.values()])), 3), "last_losses": round(float(np.mean(losses[-100:])), 3),
            "seconds": round(time.perf_counter() - start, 1),
        }  # fmt: skip
        print(json.dumps({"discriminator": told}), flush=True)
        network = learner.network.eval().requires_grad_(False)
        engine.add_discriminator(Discriminator(network, learner.shape, engine.digest, NAME, {}))
        for weight in map(float, args.weights.split(",")):
            found = unguided
            if weight:
                how = FAST.model_copy(update={"discriminator": NAME, "discriminator_weight": weight})
                painted, seconds = paint_all(session, tests, shots, how)
                found = figures(session, painted, real, seconds)
            print(json.dumps({"weight": weight, **found}), flush=True)


if __name__ == "__main__":
    main()
