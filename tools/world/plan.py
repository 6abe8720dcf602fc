"""The embedded set's plan: which crops there are, what they are called, which camera takes each (pure)."""

from dataclasses import dataclass
from pathlib import Path

RESERVED = range(900_000, 1_000_000)
"""Person numbers of the embedded set; a corpus must not hold them."""
LETTERS = {"A": (0, 5), "B": (3, 2), "C": (1, 4)}
"""The two of the six cameras that each of PRCC's camera letters draws from."""
OUTFITS = {"A": 0, "B": 0, "C": 1}
SEED = 11
"""The embedded set's."""
TRAIN_PEOPLE, TEST_PEOPLE = 60, 40
TRAIN_SHOTS, TEST_SHOTS = 4, 8
"""Shots a letter: 12 crops of each person to train, 24 of each to test."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a crop goes: person `pid` counts from 1, `split` train or test, `letter` A, B or C, `take` from 0."""

    pid: int
    split: str
    letter: str
    take: int

    @property
    def path(self) -> Path:
        """The file relative to the set's root, as PRCC names it.

        >>> Place(7, "train", "A", 0).path.as_posix(), Place(61, "test", "C", 3).path.as_posix()
        ('rgb/train/007/A_00.jpg', 'rgb/test/C/061/03.jpg')
        """
        if self.split == "train":
            return Path(f"rgb/train/{self.pid:03d}/{self.letter}_{self.take:02d}.jpg")
        return Path(f"rgb/test/{self.letter}/{self.pid:03d}/{self.take:02d}.jpg")

    @property
    def camera(self) -> int:
        """Which of the six cameras takes it."""
        return LETTERS[self.letter][self.take % 2]


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """How much to render; `shots` a letter for training and test people."""

    seed: int
    train: int = TRAIN_PEOPLE
    test: int = TEST_PEOPLE
    train_shots: int = TRAIN_SHOTS
    test_shots: int = TEST_SHOTS

    @property
    def pids(self) -> range:
        """The people: training ones first, then test ones."""
        return range(1, self.train + self.test + 1)

    def places(self, pid: int) -> list[Place]:
        """Every crop of a person, in the order in which they are taken."""
        split, shots = ("train", self.train_shots) if pid <= self.train else ("test", self.test_shots)
        return [Place(pid, split, letter, take) for letter in LETTERS for take in range(shots)]
