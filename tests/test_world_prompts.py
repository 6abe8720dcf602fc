"""A fresh workspace knows a prompt for every embedded outfit, much as the embedded models would describe it now."""

from pathlib import Path

from dlcr import data, stages
from dlcr.core.values import Caption
from dlcr.language.agreement import agreement


def test_every_embedded_outfit_has_a_prompt_from_the_start(tmp_path: Path):
    session = stages.open_session(tmp_path)
    told = {row.clothes_id: row.text for row in session.catalog.outfit_prompts(stages.WORLD, limit=1000)}
    outfits = {sample.clothes_id for sample in session.catalog.find_samples(stages.WORLD, limit=2000)}
    assert set(told) == outfits == set(data.world_prompts())
    assert len(outfits) == 200
    assert told == data.world_prompts()


def test_what_the_embedded_models_say_now_is_like_them(tmp_path: Path):
    """They stay when only the captioner learns more, because runs and variants were made from them."""
    session = stages.open_session(tmp_path)
    agreed = []
    for outfit in sorted(data.world_prompts())[1:100:12]:
        sample = session.catalog.find_samples(stages.WORLD, clothes_id=outfit, limit=1)[0]
        said = stages.describe_outfit(session, sample.id)[1]
        agreed.append(agreement(data.world_prompts()[outfit], Caption("", said)) or 0.0)
    assert sum(agreed) / len(agreed) > 0.75


def test_a_prompt_written_by_hand_outlives_the_next_start(tmp_path: Path):
    outfit = sorted(data.world_prompts())[0]
    stages.open_session(tmp_path).catalog.add_prompt(stages.WORLD, outfit, "red dress", "hand")
    again = stages.open_session(tmp_path).catalog.prompts(stages.WORLD, outfit)
    assert [row.text for row in again] == [data.world_prompts()[outfit], "red dress"]
