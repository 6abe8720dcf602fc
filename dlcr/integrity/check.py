"""All checks in their order, and the repair: check by check until nothing is left that can be mended."""

from collections.abc import Callable, Iterator, Sequence

from dlcr.core import claim
from dlcr.core.errors import DlcrError
from dlcr.integrity import leftovers, pictures, rows, runs
from dlcr.integrity.ward import Damage, Ward

CHECKS: Sequence[Callable[[Ward], Iterator[Damage]]] = (
    leftovers.partials, rows.pages, rows.dangling, rows.counts, runs.embedded, pictures.masks, pictures.variants,
    pictures.links, pictures.uploads, runs.folders, runs.states, runs.evaluations, leftovers.features, leftovers.guidance,
    leftovers.replies, rows.jobs, leftovers.jobs, leftovers.queue,
)  # fmt: skip
"""Rows before the files that hang on them."""
ROUNDS = 4
"""What one mending uncovers the next round mends."""


def find(ward: Ward) -> list[Damage]:
    """Everything that is wrong with a workspace."""
    return [damage for check in CHECKS for damage in check(ward)]


def repair(ward: Ward) -> list[str]:
    """Mend what can be mended; what was done, a sentence each. WorkspaceError while others work in the workspace."""
    if not ward.alone:
        raise claim.in_use(ward.workspace.home)
    said: list[str] = []
    for _ in range(ROUNDS):
        done = [one for check in CHECKS for one in _all_mended(ward, check)]
        said += done
        if not done:
            break
    return said


def _all_mended(ward: Ward, check: Callable[[Ward], Iterator[Damage]]) -> list[str]:
    """What a check finds, mended; of rows that point at nothing also what pointed at them, before new rows get their numbers."""
    found = [damage for damage in check(ward) if damage.mend]
    said = [_mended(damage) for damage in found]
    if check is rows.dangling and {damage.what for damage in check(ward)} - {damage.what for damage in found}:
        said += _all_mended(ward, check)
    return said


def _mended(damage: Damage) -> str:
    try:
        return f"{damage.what} {damage.mend()}" if damage.mend else ""
    except DlcrError as error:
        return f"{damage.what} This could not be mended: {error}"
