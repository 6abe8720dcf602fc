"""`expand` by two Ray workers of one core each against one such worker, with the embedded models.

Both pools are warm (they have painted before) and take turns with other seeds, so that every variant is new. Time runs from the
first task handed out to the last row written; the best of all runs counts. The floor is half of one worker's time. Batch, steps
and all else are the demo profile's; a worker's bytes are those of one process with one thread (`tests/test_scale.py`).
Ray runs its workers at nice 15, so other work on the machine takes their cores: it must be quiet.

    python benchmarks/bench_scale_out.py [--photos 24] [--variants 4] [--repeats 3]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import platform
import tempfile
from contextlib import ExitStack

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray

from dlcr import stages
from dlcr.core.settings import Backends, ExpandSettings, ScaleSettings
from dlcr.scale import ray_executor
from dlcr.scale.pool import Actors
from dlcr.stages_expand import expand

COUNTS = (1, 2)


def seconds(session: stages.Session, workers: Actors, wish: ExpandSettings) -> float:
    """How long the painting took."""
    found = expand(session, stages.WORLD, wish, executor=workers)
    return found.made / found.images_per_second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--variants", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    before, times = os.getloadavg()[0], {count: list[float]() for count in COUNTS}
    ray.init(
        address="local", num_cpus=sum(COUNTS), include_dashboard=False, log_to_driver=False, logging_level="ERROR",
        object_store_memory=200 * 2**20,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="dlcr-bench-") as home, ExitStack() as stack:
        session = stages.open_session(home, Backends(device="cpu"))
        pools = {count: stack.enter_context(ray_executor(session, ScaleSettings(workers=count))) for count in COUNTS}
        for seed in range(given.repeats + 1):
            for count, workers in pools.items():
                photos = given.photos if seed else 4 * count  # the first round warms up
                wish = ExpandSettings(variants=given.variants, limit=photos, seed=10 * seed + count)
                workers.wait()
                took = seconds(session, workers, wish)
                if seed:
                    times[count].append(took)
    ray.shutdown()
    one, two = min(times[1]), min(times[2])
    result = {"name": "scale-out", "ours": two, "peer": one, "peer_is": "one worker", "wanted": 1.7}
    result |= {"ratio": one / two, "floor": one / 2, "seconds": times}
    machine = {"cpus": len(os.sched_getaffinity(0)), "load_before": before, "python": platform.python_version()}
    work = {"photos": given.photos, "variants": given.photos * given.variants}
    print(json.dumps({"results": [result], **work, "machine": machine}))


if __name__ == "__main__":
    main()
