"""Tasks on several processes."""

import math

import pytest

from tools.world import corpus, embedded
from tools.world.workers import each


def test_two_workers_give_what_one_gives_in_the_same_order():
    tasks = [9.0, 4.0, 1.0, 0.0]
    assert list(each(math.sqrt, tasks, workers=2)) == list(each(math.sqrt, tasks, workers=1)) == [3, 2, 1, 0]


def test_a_failure_in_a_worker_ends_all_and_does_not_hang():
    with pytest.raises(ValueError, match="math"):
        list(each(math.sqrt, [4.0, -1.0, 9.0], workers=2))


def test_what_workers_run_lies_in_modules_that_a_spawned_process_finds():
    assert {corpus.write_shard.__module__, embedded.person_crops.__module__} == {
        "tools.world.corpus",
        "tools.world.embedded",
    }
