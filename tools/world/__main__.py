"""python -m tools.world corpus | render | sheet --makehuman FOLDER ...; `--help` tells each one's flags."""

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path

from dlcr.core.errors import DlcrError, SettingError, UsageError
from tools.world.corpus import CorpusPlan, open_corpus, write_shard
from tools.world.embedded import person_crops, write_world
from tools.world.plan import RESERVED, SEED, TEST_PEOPLE, TEST_SHOTS, TRAIN_PEOPLE, TRAIN_SHOTS, WorldPlan
from tools.world.sheets import Sheets, write_sheets
from tools.world.workers import each, studio

SUMS = "OPENBLAS_CORETYPE"
"""The environment's name for the kernels that OpenBLAS adds with; it reads it as numpy loads it."""


def with_the_sets_sums(cpu: Path = Path("/proc/cpuinfo")) -> None:
    """Start anew with the kernels that the embedded set was rendered with, where the processor has AVX-512.

    OpenBLAS takes them by the processor's name, or as the environment says, and each adds in an order of its own: a few pixels of
    a few crops differ then.
    """
    fit = cpu.exists() and "avx512f" in cpu.read_text(errors="replace")
    if fit and os.environ.get(SUMS) != "SkylakeX":
        os.execve(sys.executable, sys.orig_argv, {**os.environ, SUMS: "SkylakeX"})


def corpus(arguments: argparse.Namespace) -> None:
    """Write a training corpus, shard by shard."""
    plan = CorpusPlan(
        arguments.people, arguments.first_id, arguments.outfits, arguments.shots, arguments.seed, arguments.alike
    )
    for name in ("people", "outfits", "shots", "workers"):
        if getattr(arguments, name) < 1:
            raise SettingError(f"--{name} must be 1 or more, got {getattr(arguments, name)}")
    if arguments.first_id < 0 or plan.first + plan.people > RESERVED.start:
        raise SettingError(
            f"people must lie in 0 to {RESERVED.start - 1}: the numbers above belong to the embedded set"
        )
    todo = open_corpus(arguments.out, plan, resume=arguments.resume)
    start, made = time.perf_counter(), 0
    shards = each(partial(write_shard, arguments.makehuman, arguments.out, plan), todo, workers=arguments.workers)
    for number, path in zip(todo, shards, strict=True):
        made += len(plan.shards()[number]) * plan.outfits * plan.shots
        print(f"{path}: {made} crops, {made / (time.perf_counter() - start):.2f}/s", flush=True)


def render(arguments: argparse.Namespace) -> None:
    """Make the embedded data set; nothing is written before everything is rendered."""
    counts = (arguments.train_people, arguments.test_people, arguments.train_shots, arguments.test_shots)
    if min(counts) < 1:
        raise SettingError(f"people and shots must be 1 or more, got {counts}")
    with_the_sets_sums()
    if (arguments.out / "rgb").exists():
        raise UsageError(
            f"{arguments.out} already holds a set.", "Remove its folder rgb first, so that no old picture stays."
        )
    plan = WorldPlan(arguments.seed, *counts)
    crops, start = [], time.perf_counter()
    for made in each(partial(person_crops, arguments.makehuman, plan), plan.pids, workers=arguments.workers):
        crops += made
        print(f"{len(crops)} crops, {len(crops) / (time.perf_counter() - start):.2f}/s", flush=True)
    write_world(arguments.out, crops, plan)
    print(f"{len(crops)} crops, {sum(len(crop.data) for crop in crops) / 2**20:.2f} MiB in {arguments.out}")


def sheet(arguments: argparse.Namespace) -> None:
    """Write contact sheets."""
    for path in write_sheets(
        studio(arguments.makehuman), arguments.out, Sheets(arguments.people, arguments.first_id, arguments.seed)
    ):
        print(f"{path}: {path.stat().st_size // 1000} KB")


def main() -> int:
    """Run one verb; 0 done, 1 failed with one clear line, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m tools.world", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verb = verbs.add_parser("corpus", help="write WebDataset shards for training")
    verb.set_defaults(run=corpus)
    _common(verb)
    verb.add_argument("--people", type=int, required=True)
    verb.add_argument("--first-id", type=int, default=0, help="number of the first person")
    verb.add_argument("--outfits", type=int, default=2, help="outfits a person")
    verb.add_argument("--shots", type=int, default=3, help="shots an outfit")
    verb.add_argument(
        "--alike", action="store_true", help="a person's outfits in the same shots: crops that differ in clothes alone"
    )
    verb.add_argument("--resume", action="store_true", help="keep shards that are there")
    verb = verbs.add_parser("render", help="make the embedded data set")
    verb.set_defaults(run=render)
    _common(verb, SEED)
    verb.add_argument("--train-people", type=int, default=TRAIN_PEOPLE)
    verb.add_argument("--test-people", type=int, default=TEST_PEOPLE)
    verb.add_argument("--train-shots", type=int, default=TRAIN_SHOTS, help="shots a camera letter")
    verb.add_argument("--test-shots", type=int, default=TEST_SHOTS, help="shots a camera letter")
    verb = verbs.add_parser("sheet", help="write contact sheets to look at")
    verb.set_defaults(run=sheet)
    _common(verb)
    verb.add_argument("--people", type=int, default=8, help="rows of each sheet")
    verb.add_argument("--first-id", type=int, default=0, help="number of the first person")
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except DlcrError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _common(verb: argparse.ArgumentParser, seed: int = 0) -> None:
    verb.add_argument(
        "--makehuman", type=Path, required=True, help="MakeHuman's asset folder, the one that holds base/"
    )
    verb.add_argument("--out", type=Path, required=True, help="where to write")
    verb.add_argument("--seed", type=int, default=seed, help="default: %(default)s")
    verb.add_argument("--workers", type=int, default=1)


if __name__ == "__main__":
    sys.exit(main())
