"""The catalog's one public surface: each part of it in the file of its name, put together here."""

from typing import Self

from dlcr.catalog.bulk import Bulk
from dlcr.catalog.coverage import Coverages
from dlcr.catalog.datasets import Datasets
from dlcr.catalog.engine import open_engine
from dlcr.catalog.indexing import Indexing
from dlcr.catalog.integrity import Integrity
from dlcr.catalog.jobs import Jobs
from dlcr.catalog.masks import Masks
from dlcr.catalog.runs import Runs
from dlcr.catalog.samples import Samples
from dlcr.catalog.texts import Texts
from dlcr.catalog.variants import Variants


class Catalog(Datasets, Indexing, Samples, Masks, Texts, Variants, Bulk, Coverages, Runs, Jobs, Integrity):
    """What was made from what. Every method is one transaction; failures of the database are WorkspaceErrors."""

    @classmethod
    def open(cls, url: str) -> Self:
        """The catalog at a database address (`Workspace.database_url`), made and migrated where needed.

        Several threads and processes may open one fresh file at once. WorkspaceError names the file and the remedy
        where it cannot be written, is damaged or is no catalog.
        """
        return cls(open_engine(url))
