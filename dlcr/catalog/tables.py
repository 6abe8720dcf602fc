"""How the catalog is stored: its tables, in types that SQLite and PostgreSQL share.

A change here needs a new file in `migrations/versions`; a test holds the two together.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
    true,
)


class Moment(TypeDecorator[datetime]):
    """A time that is UTC on both sides; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def _key(name: str, target: str, nullable: bool = False) -> Column[Any]:
    return Column(name, ForeignKey(f"{target}.id"), nullable=nullable)


def _only(condition: str) -> dict[str, Any]:
    """A partial index: rows of which this is true."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _created() -> Column[Any]:
    return Column("created", Moment, nullable=False, default=now)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("root", Text, nullable=False),
    Column("layout", String(50), nullable=False),
    Column("rules", Text),  # what labels depend on beside file names
    Column("run", Integer, nullable=False, server_default="0"),  # counts indexings
    Column(
        "facts", JSON(none_as_null=True)
    ),  # summary and health; NULL while samples change: then tallies are stale too
    Column("changes", Integer, nullable=False, server_default="0"),  # counts transactions that changed samples
    Column("menus", JSON(none_as_null=True)),  # every value of each label; stale while facts are NULL
    _created(),
)

folders = Table(
    "folders",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("dataset_id", "datasets"),
    Column("path", Text, nullable=False),
    Column("digest", String(64), nullable=False),  # of its listing; empty: must be read again
    Column("bad", JSON(none_as_null=True)),  # [name, reason] of what does not fit the layout
    UniqueConstraint("dataset_id", "path"),
)

samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("dataset_id", "datasets"),
    Column("image", Text, nullable=False),
    Column("split", String(50), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("camid", Integer, nullable=False),
    Column("clothes_id", String(200), nullable=False),
    Column("tracklet", String(200)),
    Column("size", BigInteger),
    Column("mtime_ns", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("present", Boolean, nullable=False, default=True, server_default=true()),  # there, and no flaw
    _key("folder_id", "folders", nullable=True),
    Column("run", Integer, nullable=False, server_default="0"),  # the indexing that saw it last
    Column("content", String(32)),  # digest of the file's bytes; NULL: not checked yet
    Column("flaw", String(20)),
    Column("reason", Text),
    UniqueConstraint("dataset_id", "image"),
    # each ends in id: a page is read off the index in order
    Index(None, "dataset_id", "id"),
    Index(None, "dataset_id", "split", "id"),
    Index(None, "dataset_id", "split", "camid", "id"),
    Index(None, "dataset_id", "pid", "id"),
    Index(None, "dataset_id", "clothes_id", "id"),
    Index(None, "folder_id"),
    Index("ix_samples_content", "dataset_id", "content", "pid", **_only("content IS NOT NULL")),
    Index("ix_samples_flaw", "dataset_id", "flaw", **_only("flaw IS NOT NULL")),
)

tallies = Table(
    "tallies",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("dataset_id", "datasets"),
    Column("split", String(50), nullable=False),  # empty: all of them
    Column("label", String(20), nullable=False),  # pid, camid, clothes_id; outfits: their number by pid; empty: none
    Column("value", String(200), nullable=False),
    Column("images", Integer, nullable=False),
    UniqueConstraint("dataset_id", "label", "value", "split"),
)

masks = Table(
    "masks",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("sample_id", "samples"),
    Column("version", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("source", String(200), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("coverage", Float, nullable=False),
    _key("parent", "masks", nullable=True),
    _created(),
    UniqueConstraint("sample_id", "version"),
)

captions = Table(
    "captions",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("sample_id", "samples"),
    Column("model", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("outfit", Text, nullable=False),
    _created(),
    UniqueConstraint("sample_id", "model"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("dataset_id", "datasets"),
    Column("clothes_id", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", String(200), nullable=False),
    _created(),
    UniqueConstraint("dataset_id", "clothes_id", "version"),
)

variants = Table(
    "variants",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("sample_id", "samples"),
    _key("mask_id", "masks", nullable=True),  # NULL: imported, its mask is not known
    Column("file", Text, nullable=False, unique=True),
    Column("prompt", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("model", String(200), nullable=False),
    Column("lineage", JSON, nullable=False),
    Column("checks", JSON(none_as_null=True)),
    _created(),
    Index(None, "sample_id"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True),
    _key("variant_id", "variants"),
    Column("verdict", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("judge", String(20), nullable=False, server_default="user"),  # user or gate
    _created(),
    Index(None, "variant_id"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    _key("dataset_id", "datasets"),
    Column("state", String(20), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("images_seen", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    _created(),
    Column("updated", Moment, nullable=False),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String(300), nullable=False),
    _key("dataset_id", "datasets"),
    Column("protocol", String(50), nullable=False),
    Column("refine", Integer, nullable=False),
    Column("result", JSON, nullable=False),
    Column("file", Text, nullable=False),
    _created(),
    UniqueConstraint("run", "dataset_id", "protocol", "refine"),
)
