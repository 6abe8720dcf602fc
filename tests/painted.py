"""A workspace whose small data set has variants, painted by a tiny inpainter of the true classes."""

from pathlib import Path

from dlcr import stages, stages_describe, stages_expand
from dlcr.core.settings import Backends, ExpandSettings, PaintSettings
from dlcr.stages_expansion import only_embedded
from tests.inpaint.conftest import save_tiny
from tests.small import save_small


def paint_small(place: Path, paint: PaintSettings, **expand: int) -> stages.Session:
    """`place/home` with the data set `small`, described and expanded as `expand` says, by the inpainter in `place/sd`."""
    session = stages.open_session(place / "home", Backends(device="cpu", inpainter=f"sd:{save_tiny(place / 'sd')}"))
    stages.index(session, save_small(place / "small"), "prcc", "small")
    stages_describe.describe_dataset(session, "small", split="train")
    stages_expand.expand(session, "small", ExpandSettings(**expand), paint=paint)
    return session


def own_files(home: Path) -> dict[Path, bytes]:
    """Every whole file among a workspace's variants but those that it was given, by its place in it."""
    there = [
        path
        for path in home.glob("variants/**/*")
        if path.is_file() and not path.name.endswith(".part") and not only_embedded([path])
    ]
    return {path.relative_to(home): path.read_bytes() for path in there}
