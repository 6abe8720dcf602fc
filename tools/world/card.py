"""The card of the embedded set: `card.md` beside this file, with the numbers filled in."""

from pathlib import Path

from tools.world.histogram import Figures
from tools.world.plan import LETTERS, RESERVED, WorldPlan


def card(pictures: int, size: int, plan: WorldPlan, found: Figures) -> str:
    """assets/world/README.md for `pictures` files of `size` bytes in all, made by `plan`, with the matcher's figures."""
    people = plan.train + plan.test
    letters = ", ".join(f"{letter} {cameras[0]} and {cameras[1]}" for letter, cameras in LETTERS.items())
    return (
        Path(__file__)
        .with_suffix(".md")
        .read_text(encoding="utf-8")
        .format(
            pictures=f"{pictures:,}",
            size=size / 2**20,
            people=people,
            train=plan.train,
            test=plan.test,
            train_crops=3 * plan.train_shots,
            test_crops=3 * plan.test_shots,
            letters=letters,
            seed=plan.seed,
            last=f"{RESERVED.start + people:,}",
            same=100 * found.same_clothes,
            changed=100 * found.changed_clothes,
            chance=100 / plan.test,
        )
    )
