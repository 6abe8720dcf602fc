"""What the catalog gives: frozen rows with integer ids, times in UTC, files relative to the workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dlcr.core.values import Variant


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A data set: where it lies (`root`, never written to) and which layout reads it."""

    id: int
    name: str
    root: Path
    layout: str
    created: datetime


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One photo of a data set; `image` is relative to `root`, `camid` counts from 0."""

    id: int
    dataset: str
    root: Path
    image: Path
    split: str
    pid: int
    camid: int
    clothes_id: str
    tracklet: str | None

    @property
    def path(self) -> Path:
        """Where the photo lies."""
        return self.root / self.image


@dataclass(frozen=True, slots=True)
class MaskRow:
    """Version `version` (from 1) of a sample's mask, made by `source` from `parent`; `coverage` is its share, 0..1."""

    id: int
    sample_id: int
    version: int
    file: Path
    digest: str
    source: str
    settings: Mapping[str, Any]
    coverage: float
    parent: int | None
    created: datetime


@dataclass(frozen=True, slots=True)
class CaptionRow:
    """What `model` said of one sample, and the outfit (`a | b | c`) read from it."""

    id: int
    sample_id: int
    model: str
    text: str
    outfit: str
    created: datetime


@dataclass(frozen=True, slots=True)
class PromptRow:
    """Version `version` (from 1) of an outfit's prompt."""

    id: int
    dataset: str
    clothes_id: str
    version: int
    text: str
    source: str
    created: datetime


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A repainted photo; `verdict` (`accepted`, `rejected` or None) and `reason` are the latest ones given, by `judge` (`user`
    or `gate`).

    `mask_id` is None where the picture came from elsewhere.
    """

    id: int
    sample_id: int
    mask_id: int | None
    file: Path
    prompt: str
    seed: int
    model: str
    lineage: Mapping[str, Any]
    checks: Mapping[str, Any] | None
    created: datetime
    verdict: str | None = None
    reason: str | None = None
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant to record: its file is relative to the workspace and already written. `mask_id` as in VariantRow."""

    sample_id: int
    mask_id: int | None
    file: Path
    prompt: str
    seed: int
    model: str
    lineage: Mapping[str, Any]

    @classmethod
    def of(cls, sample_id: int, mask_id: int | None, file: Path, variant: Variant) -> "NewVariant":
        """The row of a painted variant: its lineage names the mask by its digest, without the mask's picture."""
        told = {**variant.lineage, "mask": variant.lineage["mask"]["digest"]}
        return cls(sample_id, mask_id, file, variant.prompt, variant.seed, str(told["engine"]["model"]), told)


@dataclass(frozen=True, slots=True)
class NewMask:
    """A mask to record: its file is relative to the workspace and already written; the rest as in MaskRow."""

    sample_id: int
    file: Path
    digest: str
    source: str
    settings: Mapping[str, Any]
    coverage: float


@dataclass(frozen=True, slots=True)
class NewCaption:
    """What a captioner said of one sample, and the outfit (`a | b | c`) read from it."""

    sample_id: int
    text: str
    outfit: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One judgement of a variant by a person (`user`) or the quality gate (`gate`); a person's earlier ones stay on record."""

    id: int
    variant_id: int
    verdict: str
    reason: str
    judge: str
    created: datetime


@dataclass(frozen=True, slots=True)
class FolderRows:
    """One folder of a data set for indexing: labels and file facts of its pictures as columns of equal length.

    `path` is relative to the root (empty for the root itself), `digest` changes with the listing. `bad` are (name,
    reason) of pictures without labels.
    """

    path: str
    digest: str
    names: Sequence[str]
    splits: Sequence[str]
    pids: Sequence[int]
    camids: Sequence[int]
    clothes_ids: Sequence[str]
    tracklets: Sequence[str | None]
    sizes: Sequence[int]
    times: Sequence[int]
    bad: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What opening a sample's file told: a digest of its bytes, pixels as stored, or what is the matter with it.

    `flaw` is None or one of `unreadable`, `truncated`, `tiny`; a sample with a flaw is no longer listed.
    """

    sample_id: int
    content: str
    width: int | None = None
    height: int | None = None
    flaw: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Flawed:
    """A picture that cannot be used: its path relative to the root, the kind of flaw (or `misfit`), the reason."""

    image: str
    flaw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How often something was found, and the first few of it in words."""

    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """What is the matter with a data set. `unchecked` pictures have not been opened yet: nothing is known of them.

    `duplicates` are groups of files with the same bytes, `two_ids` those of them that show one person under two pids.
    """

    unreadable: Finding
    truncated: Finding
    tiny: Finding
    duplicates: Finding
    two_ids: Finding
    people_with_one_outfit: Finding
    outfits_with_one_picture: Finding
    cameras_without_queries: Finding
    unchecked: int


@dataclass(frozen=True, slots=True)
class Indexed:
    """What indexing found: `new` samples, `kept` ones (`changed` of them differ), `gone` since the last time."""

    new: int
    kept: int
    changed: int
    gone: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Sizes of a data set or of one split of it."""

    images: int
    pids: int
    clothes: int
    cameras: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Sizes of a data set, whole and by split (split names sorted); `bytes` are those of its picture files."""

    images: int
    pids: int
    clothes: int
    cameras: int
    splits: Mapping[str, Counts]
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Facets:
    """Every value a filter menu may offer, sorted."""

    splits: tuple[str, ...]
    pids: tuple[int, ...]
    camids: tuple[int, ...]
    clothes_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How pictures spread over labels: pictures by pid, outfits by pid, pictures by split and camid."""

    pictures: Mapping[int, int]
    outfits: Mapping[int, int]
    cameras: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class PersonCoverage:
    """Photos, own outfits, variants (those rejected among them) and prompts of the usable ones, of one person in a split."""

    pid: int
    photos: int
    outfits: int
    variants: int
    rejected: int
    prompts: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a split is expanded: `photos` by the number of their usable (not rejected) variants, and every person."""

    photos: Mapping[int, int]
    people: tuple[PersonCoverage, ...]

    def sum(self, name: str) -> int:
        """The total of one number of `PersonCoverage`."""
        return sum(getattr(one, name) for one in self.people)

    def growth(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(before, generated) of images, rejected ones not counted, and of the persons' outfits."""
        return (
            (self.sum("photos"), self.sum("variants") - self.sum("rejected")),
            (self.sum("outfits"), self.sum("prompts")),
        )


@dataclass(frozen=True, slots=True)
class RunRow:
    """A training: `settings` and `facts` (data, code, environment) repeat it; `state` is one of `runs.STATES`."""

    id: int
    name: str
    dataset: str
    state: str
    settings: Mapping[str, Any]
    facts: Mapping[str, Any]
    epochs: int
    images_seen: int
    seconds: float
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """What a run (or a backbone's spec) scored under one protocol; `refine` variants a query, 0 = none; `file` has every query."""

    id: int
    run: str
    dataset: str
    protocol: str
    refine: int
    result: Mapping[str, Any]
    file: Path
    created: datetime
