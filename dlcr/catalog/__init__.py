"""The database of what was made from what: data sets, samples, masks, captions, prompts, variants, verdicts, runs; and of jobs.

May import only `core`, SQLAlchemy and Alembic. `Catalog` is the one public surface; what it gives are frozen rows.
Start with `rows.py` (what there is), then `catalog.py` (what can be done with it); `tables.py` is how it is stored.
"""

from dlcr.catalog.catalog import Catalog
from dlcr.catalog.every import SampleRows
from dlcr.catalog.indexing import Run
from dlcr.catalog.integrity import Dangling, Filed, file_damage, salvage
from dlcr.catalog.jobs import JOB_STATES, JobRow, WorkerRow
from dlcr.catalog.rows import (
    CaptionRow,
    Checked,
    Counts,
    Coverage,
    DatasetRow,
    EvaluationRow,
    Facets,
    Finding,
    Flawed,
    FolderRows,
    Health,
    Indexed,
    MaskRow,
    NewCaption,
    NewMask,
    NewVariant,
    PersonCoverage,
    PromptRow,
    RunRow,
    SampleRow,
    Spread,
    Summary,
    VariantRow,
    VerdictRow,
)

__all__ = [
    "JOB_STATES",
    "CaptionRow",
    "Catalog",
    "Checked",
    "Counts",
    "Coverage",
    "Dangling",
    "DatasetRow",
    "EvaluationRow",
    "Facets",
    "Filed",
    "Finding",
    "Flawed",
    "FolderRows",
    "Health",
    "Indexed",
    "JobRow",
    "MaskRow",
    "NewCaption",
    "NewMask",
    "NewVariant",
    "PersonCoverage",
    "PromptRow",
    "Run",
    "RunRow",
    "SampleRow",
    "SampleRows",
    "Spread",
    "Summary",
    "VariantRow",
    "VerdictRow",
    "WorkerRow",
    "file_damage",
    "salvage",
]
