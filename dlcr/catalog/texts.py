"""What was said: captions of samples, prompts of outfits."""

from typing import Any

from sqlalchemy import Row, Select, insert, select

from dlcr.catalog.rows import CaptionRow, PromptRow
from dlcr.catalog.samples import newest_prompts
from dlcr.catalog.store import Store, dataset_key, hold, put, told
from dlcr.catalog.tables import captions, datasets, now, prompts, samples


def _prompt(row: Row[Any], dataset: str) -> PromptRow:
    return PromptRow(row.id, dataset, row.clothes_id, row.version, row.text, row.source, row.created)


def _history(dataset: int, clothes_id: str) -> Select[Any]:
    return select(prompts).where(prompts.c.dataset_id == dataset, prompts.c.clothes_id == clothes_id)


class Texts(Store):
    """The catalog's captions and prompts."""

    def put_caption(self, sample_id: int, model: str, text: str, outfit: str) -> CaptionRow:
        """Set what `model` says of the sample; one caption per sample and model, the last one counts."""
        values = {"sample_id": sample_id, "model": model, "text": text, "outfit": outfit, "created": now()}
        own = (captions.c.sample_id == sample_id) & (captions.c.model == model)
        with self._writing() as connection:
            hold(connection, samples, sample_id)
            put(connection, captions, [values], ("sample_id", "model"))
            return told(CaptionRow, connection.execute(select(captions).where(own)).one())

    def captions(self, dataset: str, clothes_id: str, model: str) -> list[CaptionRow]:
        """What `model` said of every frame of the outfit, in order of sample id."""
        with self._reading() as connection:
            frames = (
                select(captions)
                .join(samples)
                .where(
                    samples.c.dataset_id == dataset_key(connection, dataset),
                    samples.c.clothes_id == clothes_id,
                    samples.c.present,
                    captions.c.model == model,
                )
            )
            return [told(CaptionRow, row) for row in connection.execute(frames.order_by(captions.c.sample_id))]

    def add_prompt(self, dataset: str, clothes_id: str, text: str, source: str) -> PromptRow:
        """Add the outfit's next prompt; the newest is given back if it has the same text."""
        with self._writing() as connection:
            key = dataset_key(connection, dataset)
            hold(connection, datasets, key)
            last = connection.execute(_history(key, clothes_id).order_by(prompts.c.version.desc())).first()
            if last is None or last.text != text:
                values = {
                    "dataset_id": key,
                    "clothes_id": clothes_id,
                    "version": last.version + 1 if last else 1,
                    "text": text,
                    "source": source,
                    "created": now(),
                }
                last = connection.execute(insert(prompts).values(**values).returning(prompts)).one()
            return _prompt(last, dataset)

    def prompts(self, dataset: str, clothes_id: str) -> list[PromptRow]:
        """Every prompt the outfit has had, oldest first."""
        with self._reading() as connection:
            query = _history(dataset_key(connection, dataset), clothes_id).order_by(prompts.c.version)
            return [_prompt(row, dataset) for row in connection.execute(query)]

    def outfit_prompts(self, dataset: str, split: str | None = None, limit: int = 100) -> list[PromptRow]:
        """The newest prompt of each outfit worn in the data set (or in one split of it), by clothes_id."""
        with self._reading() as connection:
            key = dataset_key(connection, dataset)
            own = (samples.c.dataset_id == key) & (samples.c.clothes_id == prompts.c.clothes_id)
            worn = select(samples.c.id).where(own, samples.c.present)
            if split is not None:
                worn = worn.where(samples.c.split.concat("") == split)  # found by outfit, not by split: far fewer rows
            query = newest_prompts(key).where(worn.exists()).order_by(prompts.c.clothes_id)
            return [_prompt(row, dataset) for row in connection.execute(query.limit(limit))]
