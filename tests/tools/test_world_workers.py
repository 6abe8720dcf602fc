"""Tasks on several processes."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.world import corpus, embedded
from tools.world.workers import each

ROOT = Path(__file__).resolve().parents[2]


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


def test_the_set_is_rendered_with_its_own_kernels_where_the_processor_has_them(tmp_path: Path):
    """Started in a process of its own, which starts anew once, or not at all where its kernels would not run."""
    told = "import os, sys; from pathlib import Path; from tools.world.__main__ import SUMS, with_the_sets_sums; "
    told += "with_the_sets_sums(Path(sys.argv[1])); print(os.environ[SUMS])"
    for flags, kernels in (("fpu avx2 avx512f", "SkylakeX"), ("fpu avx2", "Haswell")):
        (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
        made = subprocess.run(
            [sys.executable, "-c", told, str(tmp_path / "cpuinfo")],
            env={**os.environ, "OPENBLAS_CORETYPE": "Haswell"}, cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert made.stdout.split() == [kernels]
