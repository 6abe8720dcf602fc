"""Which photos make a batch: identity-balanced, and one variant for each photo (pure)."""

from collections.abc import Sequence

import numpy as np

from dlcr.core.errors import SettingError


def identity_batches(pid: np.ndarray, people: int, photos: int, rng: np.random.Generator) -> np.ndarray:
    """One epoch of batches, each of `people` persons with `photos` photos in a row: (B, people * photos) int64 rows of `pid` (N,).

    Every person's photos are shuffled and cut into groups of `photos`; who has fewer repeats some, a rest is left out (Gu et al.'s
    sampler). Batches are drawn while enough persons have a group left. SettingError if there are too few persons.
    """
    groups = {int(person): _groups(np.flatnonzero(pid == person), photos, rng) for person in np.unique(pid)}
    if len(groups) < people:
        raise SettingError(
            f"a batch needs {people} persons, the split has {len(groups)}.", "Use a smaller batch or more photos each."
        )
    batches = []
    while len(left := [person for person, rows in groups.items() if rows]) >= people:
        chosen = rng.choice(left, people, replace=False)
        batches.append(np.concatenate([groups[int(person)].pop() for person in chosen]))
    return np.stack(batches)


def _groups(rows: np.ndarray, photos: int, rng: np.random.Generator) -> list[np.ndarray]:
    if len(rows) < photos:
        return [rng.choice(rows, photos, replace=True)]
    shuffled = rng.permutation(rows)
    return [shuffled[start : start + photos] for start in range(0, len(rows) - photos + 1, photos)]


def draw_variants(usable: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """For each photo one of its first `usable` variants, evenly; -1 where it has none. (N,) int64."""
    limits = np.asarray(usable, np.int64)
    drawn = np.floor(rng.random(len(limits)) * limits).astype(np.int64)
    return np.where(limits > 0, drawn, -1)
