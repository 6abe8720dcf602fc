"""Describing a data set: every frame captioned once, every outfit summarised, failures listed, raw replies kept."""

import json

import numpy as np
import pytest

from dlcr import stages, stages_describe
from dlcr.core.errors import ReplyError, ServerError
from dlcr.core.settings import Backends, DescribeSettings
from tests.language.tiny import save_llm, save_vlm
from tests.small import save_small


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return save_small(tmp_path_factory.mktemp("small"))


@pytest.fixture
def session(tmp_path, root, request):
    def opened(**backends):
        session = stages.open_session(tmp_path / "home", Backends(device="cpu", **backends))
        if "small" not in [row.name for row in session.catalog.datasets()]:
            victim = sorted((root / "rgb" / "train").glob("*/C*"))[-1]
            whole = victim.read_bytes()
            stages.index(session, root, "prcc", "small")
            victim.write_bytes(whole[:400])  # damaged after it was indexed
            request.addfinalizer(lambda: victim.write_bytes(whole))
        return session

    return opened


def test_every_frame_is_captioned_once_and_every_outfit_gets_its_prompt(session):
    now, told = session(), []
    found = stages_describe.describe_dataset(now, "small", split="train", on_progress=lambda *step: told.append(step))
    train = now.catalog.every_sample("small", "train")
    assert found.captions + len(found.failures) == len(train)
    assert told[-1] == (len(train), len(train))
    assert set(found.prompts) == {sample.clothes_id for sample in train}
    frames = [stages.caption_sample(now, one) for one in train[:1]]
    assert now.catalog.captions("small", train[0].clothes_id, "demo")[0].text == frames[0].text
    again = stages_describe.describe_dataset(now, "small", split="train")
    assert (again.captions, again.kept, again.prompts) == (0, found.captions, found.prompts)


def test_a_persons_own_prompt_stays_and_another_summarisers_is_the_next_version(session, tmp_path):
    now = session()
    first = stages_describe.describe_dataset(now, "small", split="train").prompts
    mine, other = sorted(first)[:2]
    now.catalog.add_prompt("small", mine, "purple cape", "user")
    llm = session(captioner="demo", summariser=f"llm:{save_llm(tmp_path / 'llm')}")
    warm = DescribeSettings(max_tokens=8, temperature=2.0)
    found = stages_describe.describe_dataset(llm, "small", split="train", settings=warm)
    assert found.prompts[mine] == "purple cape"
    assert [row.version for row in llm.catalog.prompts("small", other)] == [1, 2]
    kept = [json.loads(path.read_text()) for path in sorted((llm.workspace.replies / "small").glob("*.json"))]
    assert {one["outfit"] for one in kept} == set(first) - {mine}
    assert all(one["replies"] and one["asked"].startswith("Extract the clothing items") for one in kept)


def test_a_vision_model_is_asked_in_batches_and_its_words_are_kept(session, tmp_path, monkeypatch):
    spec = f"vlm:{save_vlm(tmp_path / 'vlm', 'llava')}"
    now = session(captioner=spec)
    sizes, replies = [], now.captioner.replies
    monkeypatch.setattr(
        type(now.captioner), "replies", lambda self, photos, *a: sizes.append(len(photos)) or replies(photos, *a)
    )
    settings = DescribeSettings(question="the person is wearing", batch=4, max_tokens=8, caption_temperature=0)
    found = stages_describe.describe_dataset(now, "small", split="train", settings=settings)
    assert max(sizes) == 4
    assert [one.name.startswith("rgb/train") for one in found.failures if "damaged" in one.reason] == [True]
    sample = now.catalog.every_sample("small", "train")[0]
    said = now.catalog.captions("small", sample.clothes_id, stages_describe.caption_source(now, settings))
    assert said[0].text == " ".join(replies([stages.sample_photo(now, sample)], settings, 0)[0].split())
    assert stages_describe.caption_source(now, DescribeSettings()) == spec


class Moody:
    """A captioner that is asked in words and fails as it is told to."""

    def __init__(self, answers):
        self.answers, self.seeds = answers, []

    def replies(self, photos, settings, seed):
        self.seeds.append((len(photos), seed))
        return [self.answers(photo, seed) for photo in photos]


def test_useless_replies_are_asked_for_again_and_what_stays_useless_is_listed(session):
    now = session()
    dark = min(_means(now))
    moody = Moody(
        lambda photo, seed: "a red shirt" if seed == 2 and photo.mean() > dark + 1e-9 else ReplyError("busy.")
    )
    now._models["captioner"] = moody
    found = stages_describe.describe_dataset(
        now, "small", split="train", settings=DescribeSettings(batch=32, retries=2)
    )
    assert [seed for _, seed in moody.seeds] == [0, 1, 2]
    assert found.captions == len(_means(now)) - 1
    assert sorted(one.reason.split(".")[0] for one in found.failures if one.reason == "busy.") == ["busy"]


def test_a_captioner_that_never_answers_stops_the_work_with_its_reason(session):
    now = session()
    now._models["captioner"] = Moody(lambda photo, seed: ReplyError("the server answered 500."))
    with pytest.raises(ReplyError, match="answered 500"):
        stages_describe.describe_dataset(now, "small", split="train")


def test_a_server_that_goes_away_stops_the_work_and_no_prompt_is_made_of_half_the_frames(session):
    """Else the prompt would stay as it is: an outfit that has one is not summarised again."""
    now, calls, brief = session(), [], DescribeSettings(batch=4, retries=0)

    def until_it_is_gone(photo, seed):
        calls.append(photo)
        return "a red shirt | blue jeans" if len(calls) <= 6 else ServerError("there is no server.")

    now._models["captioner"] = Moody(until_it_is_gone)
    with pytest.raises(ServerError, match="no server"):
        stages_describe.describe_dataset(now, "small", split="train", settings=brief)
    assert len(now.catalog.captioned("small", "demo")) == 6
    assert not now.catalog.outfit_prompts("small")
    now._models["captioner"] = Moody(lambda photo, seed: "a red shirt | blue jeans")
    found = stages_describe.describe_dataset(now, "small", split="train", settings=brief)
    assert (found.kept, set(found.prompts.values())) == (6, {"red shirt | blue jeans"})


class Mumbling:
    """A summariser that is asked in words and says nothing useful, or nothing."""

    def __init__(self, reply):
        self.said = reply

    def reply(self, question, settings, seed):
        if self.said is None:
            raise ReplyError("there is no server.")
        return self.said


@pytest.mark.parametrize(("reply", "said"), [(None, "no server"), ("... 12 ...", "lists no garments")])
def test_a_summariser_that_never_says_a_garment_is_the_reason_given_and_the_captions_stay(session, reply, said):
    now = session()
    now._models["summariser"] = Mumbling(reply)
    with pytest.raises(ReplyError, match=said):
        stages_describe.describe_dataset(now, "small", split="train")
    assert now.catalog.captioned("small", "demo")
    assert not now.catalog.outfit_prompts("small")


def _means(session):
    photos = []
    for sample in session.catalog.every_sample("small", "train"):
        try:
            photos.append(float(np.mean(stages.sample_photo(session, sample))))
        except stages.PhotoError:
            continue
    return photos
