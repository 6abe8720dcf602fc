"""The database of what was made from what: data sets, samples, masks, captions, prompts, variants, verdicts.

May import only `core`, SQLAlchemy and Alembic. `Catalog` is the one public surface; what it gives are frozen rows.
Start with `rows.py` (what there is), then `catalog.py` (what can be done with it); `tables.py` is how it is stored.
"""

from dlcr.catalog.bulk import NewCaption, NewVariant
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

__all__ = [
    "CaptionRow",
    "Catalog",
    "Counts",
    "DatasetRow",
    "Facets",
    "Indexed",
    "MaskRow",
    "NewCaption",
    "NewVariant",
    "PromptRow",
    "SampleRow",
    "Summary",
    "VariantRow",
    "VerdictRow",
]
