"""The database of what was made from what: data sets, samples, masks, captions, prompts, variants, verdicts.

May import only `core`, SQLAlchemy and Alembic. `Catalog` is the one public surface; what it gives are frozen rows.
Start with `rows.py` (what there is), then `catalog.py` (what can be done with it); `tables.py` is how it is stored.
"""

from dlcr.catalog.catalog import Catalog
from dlcr.catalog.rows import (
    CaptionRow,
    Counts,
    DatasetRow,
    Facets,
    Indexed,
    MaskRow,
    PromptRow,
    SampleRow,
    Summary,
    VariantRow,
    VerdictRow,
)
from dlcr.catalog.runs import EvaluationRow, RunRow

__all__ = [
    "CaptionRow",
    "Catalog",
    "Counts",
    "DatasetRow",
    "EvaluationRow",
    "Facets",
    "Indexed",
    "MaskRow",
    "PromptRow",
    "RunRow",
    "SampleRow",
    "Summary",
    "VariantRow",
    "VerdictRow",
]
