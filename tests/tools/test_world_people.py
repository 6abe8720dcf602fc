"""Who the people of the world are."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlcr.core.errors import SettingError, UsageError
from tools.world.__main__ import corpus
from tools.world.corpus import SHARD_PEOPLE, CorpusPlan, open_corpus, truth
from tools.world.embedded import outfit_columns, person_columns
from tools.world.people import STYLES, draw_person
from tools.world.plan import RESERVED

LABELS = ("nose-hump-incr", "l-eye-scale-incr", "r-eye-scale-incr", "chin-width-incr", "hip-trans-up")


def test_no_attribute_is_missing_from_the_sentence():
    for pid in range(200):
        person = draw_person(pid, LABELS)
        words = [person.sex, person.age, person.height, person.build, person.skin, STYLES[person.hair], person.walk]
        words += [person.hair_colour] if person.hair != "none" else []
        words += [person.beard] if person.beard != "no beard" else []
        assert [word for word in words if word not in person.sentence] == []
        assert ("glasses" in person.sentence) == person.glasses


def test_a_number_is_always_the_same_person_and_another_number_another():
    assert draw_person(5, LABELS) == draw_person(5, LABELS)
    assert draw_person(5, LABELS) != draw_person(6, LABELS)
    assert draw_person(5, LABELS, seed=1) != draw_person(5, LABELS)


def test_faces_are_symmetric_and_bodies_keep_their_shape():
    face = draw_person(3, LABELS).face
    assert face["l-eye-scale-incr"] == face["r-eye-scale-incr"]
    assert "hip-trans-up" not in face


def test_a_corpus_that_reaches_into_the_embedded_sets_people_is_refused(tmp_path: Path):
    flags = {
        "people": 2,
        "first_id": RESERVED.start - 1,
        "outfits": 2,
        "shots": 3,
        "seed": 0,
        "workers": 1,
        "resume": False,
        "alike": False,
    }
    with pytest.raises(SettingError, match="belong to the embedded set"):
        corpus(argparse.Namespace(**flags, out=tmp_path, makehuman=tmp_path))


def test_shards_hold_every_person_once():
    plan = CorpusPlan(people=250, first=40, outfits=2, shots=3, seed=0)
    assert [pid for shard in plan.shards() for pid in shard] == list(range(40, 290))
    assert max(map(len, plan.shards())) == SHARD_PEOPLE


def test_a_corpus_is_resumed_only_by_its_own_plan(tmp_path: Path):
    plan = CorpusPlan(people=150, first=0, outfits=2, shots=3, seed=0)
    assert open_corpus(tmp_path, plan, resume=False) == [0, 1]
    (tmp_path / "world-00.tar").touch()
    assert open_corpus(tmp_path, plan, resume=True) == [1]
    with pytest.raises(UsageError, match="already holds"):
        open_corpus(tmp_path, plan, resume=False)
    with pytest.raises(UsageError, match="another plan"):
        open_corpus(tmp_path, replace(plan, seed=1), resume=True)


def test_the_truth_of_a_crop_says_who_what_where():
    from tools.world.cameras import CAMERAS
    from tools.world.outfits import draw_outfit

    person, outfit = draw_person(9, LABELS), draw_outfit("man", np.random.default_rng(1))
    told = truth(person, outfit, 1, CAMERAS[4])
    assert (told["identity"], told["outfit"], told["camera"], told["text"]) == (9, 1, 4, outfit.text)
    assert {**person_columns(person), **outfit_columns(outfit)}["description"] == outfit.text
