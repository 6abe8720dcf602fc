"""What tells an inpainting model from others and what it can read: all that is asked of it before anything is painted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Name, digest of the weights, pixels it paints at; `vocabulary` is what a closed model's text encoder knows, else None."""

    name: str
    digest: str
    height: int
    width: int
    vocabulary: frozenset[str] | None = None
