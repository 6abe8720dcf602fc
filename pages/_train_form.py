"""The form of the Train page: from its fields to checked settings, from settings to the command, and back from a run's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlcr.core.errors import UsageError
from dlcr.core.settings import checked
from dlcr.core.training import VARIANTS, TrainSettings, preset
from pages import _text as text

KINDS: dict[str, dict[str, Any]] = {
    "photos": {},
    "progressive": {"progressive": True},
    "variants": {"progressive": False},
    "recoloured": {"recoloured": True},
}
"""What a run learns from, and what that means in the settings."""
PAINTED = ("progressive", "variants")
GUIDED = {"": None, "guided": True, "unguided": False}
OPEN = ("epochs", "seed", "learning_rate", "photos_per_person")
MORE = (
    "variants", "batch", "evaluate_every", "triplet_weight", "height", "width", "clip_frames", "clip_stride",
)  # fmt: skip
NUMBERS = (*OPEN, *MORE)
"""Number fields that are shown at once, and those in the drawer."""
OPTIONAL = ("height", "width", "batch")
"""Numbers whose 0 means the usual: the backbone's or data set's own."""
VALUES = (*OPEN, *(name for name in MORE if name != "variants"), "backbone")
"""Settings that are a flag of `dlcr train` with a value."""
SWITCHES = {
    "accepted_only": (True, "--accepted-only"), "progressive": (False, "--no-progressive"),
    "clothes_losses": (False, "--no-clothes-losses"), "recoloured": (True, "--recoloured"),
}  # fmt: skip
"""Settings that are a flag without a value, said where they have this one."""


def usual(layout: str, backbone: str | None = None) -> TrainSettings:
    """What `dlcr train` takes for a data set of this layout and a backbone's spec if nothing else is said."""
    return TrainSettings(**preset(layout, (backbone or "").strip() or None))


def numbers(layout: str, backbone: str | None = None) -> list[float]:
    """What the number fields show for a data set of this layout and a backbone; `variants` the command's own."""
    base = usual(layout, backbone)
    return [VARIANTS if name == "variants" else getattr(base, name) or 0 for name in NUMBERS]


def settings(
    layout: str, kind: str, backbone: str | None, guided: str, accepted: bool, clothes: bool, *given: float | None
) -> TrainSettings:
    """The form, checked; an error says which field, what it got and what is allowed. `given` in the order of NUMBERS."""
    if kind not in KINDS:
        raise UsageError(text.UNKNOWN_KIND.format(name=kind), text.CHOOSE_ONE.format(names=", ".join(KINDS)))
    told = {name: value for name, value in zip(NUMBERS, given, strict=True) if value is not None}
    told = {name: value for name, value in told.items() if value or name not in OPTIONAL}
    told["variants"] = told.get("variants", 0) if kind in PAINTED else 0
    if kind in PAINTED and not told["variants"]:
        raise UsageError(text.NEEDS_VARIANTS, text.NEEDS_VARIANTS_REMEDY)
    spec = (backbone or "").strip()
    chosen = preset(layout, spec or None) | ({"backbone": spec} if spec else {}) | told | KINDS[kind]
    return checked(
        TrainSettings, **chosen, accepted_only=accepted and kind in PAINTED, clothes_losses=clothes,
        guided=GUIDED.get(guided) if kind in PAINTED else None,
    )  # fmt: skip


def flags(wanted: TrainSettings, layout: str) -> list[str]:
    """The flags of `dlcr train` that give these settings; UsageError if no flags do."""
    spec = None if wanted.backbone == TrainSettings().backbone else wanted.backbone
    base = usual(layout, spec)
    values, before = wanted.model_dump(), base.model_dump()
    hidden = [
        name for name in values
        if name not in (*VALUES, *SWITCHES, "variants", "guided") and values[name] != before[name]
    ]  # fmt: skip
    if hidden:
        raise UsageError(text.NO_FLAGS.format(names=", ".join(hidden)), text.NO_FLAGS_REMEDY)
    found = [f"--{name.replace('_', '-')}={values[name]}" for name in VALUES if values[name] != before[name]]
    found += [flag for name, (said, flag) in SWITCHES.items() if values[name] is said]
    found += ["--with-variants", f"--variants={wanted.variants}"] if wanted.variants else []
    found += [] if wanted.guided is None else ["--guided" if wanted.guided else "--unguided"]
    return found


def train_args(dataset: str, layout: str, name: str, wanted: TrainSettings, device: str) -> list[str]:
    """The command that trains this run, or goes on with it."""
    return ["train", f"--run={name}", *flags(wanted, layout), f"--device={device}", "--", dataset]


def differing(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings that are not the same in all runs, in the order of the model; one that an older run lacks has its default."""
    default = TrainSettings().model_dump()
    return [name for name in default if len({str(one.get(name, default[name])) for one in runs}) > 1]
