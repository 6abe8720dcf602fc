"""A small drawn data set with two runs over it, of one and of two epochs."""

from pathlib import Path

import numpy as np

from dlcr import stages
from dlcr.core.training import TrainSettings
from dlcr.stages_embed import embed
from dlcr.stages_train import train
from tests.reid.people import draw, draw_set

BRIEF = TrainSettings(height=64, width=32, epochs=1, batch=16, photos_per_person=4)
RUNS = {"a": BRIEF, "b": BRIEF.model_copy(update={"epochs": 2, "seed": 1})}


def look_at(place: Path) -> stages.Session:
    """`place/home` with the data set `small`, runs `a` and `b` trained on it and embedded, and two variants of its first query."""
    session = stages.open_session(place / "home")
    stages.index(session, draw_set(place / "set"), "prcc", "small")
    for name, brief in RUNS.items():
        train(session, "small", name, brief)
        embed(session, "small", name)
    dress(session)
    return session


def dress(session: stages.Session) -> None:
    """Two hand-made variants of the first query, its head on bodies of other colours, and one that was rejected."""
    rng, sample = np.random.default_rng(1), session.catalog.every_sample("small", "query")[0]
    head = stages.sample_photo(session, sample)[:20].mean((0, 1))
    mask = stages.keep_mask(session, sample.id, np.arange(64)[:, None] >= np.full(32, 26), "test").id
    for seed in (1, 2, 3):
        file = Path(f"variants/{sample.id}/{seed}.png")
        draw(session.workspace.home / file, head, rng.integers(0, 256, 3), rng)
        row = session.catalog.add_variant(sample.id, mask, file, "other clothes", seed, "test", {})
        if seed == 3:
            session.catalog.add_verdict(row.id, "rejected")
