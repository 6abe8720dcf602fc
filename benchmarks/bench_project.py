"""A feature space on a plane: ours against scikit-learn's t-SNE and umap-learn's UMAP as called by default, in turns.

Features are 512 numbers each, of length 1, around the directions of their people. The second view is read from the workspace's
file, as the Space page reads it. Prints one JSON object on one line.

    python benchmarks/bench_project.py [--tsne 10000] [--umap 100000] [--repeats 1]
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from dlcr.embed.projection import _pca, project, trust
from dlcr.reid.features import unit


def people(count: int) -> np.ndarray:
    """(count, 512) float32 of length 1: fifty photos a person."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((count // 50 + 1, 512)).astype(np.float32)
    noise = rng.standard_normal((count, 512)).astype(np.float32)
    return unit(centres[np.arange(count) // 50] + noise)


def default_tsne(vectors: np.ndarray) -> Any:
    from sklearn.manifold import TSNE

    return TSNE().fit_transform(vectors)


def default_umap(vectors: np.ndarray) -> Any:
    from umap import UMAP

    return UMAP().fit_transform(vectors)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def again(places: np.ndarray) -> float:
    """Seconds to read the places of a projection that is kept."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kept.safetensors"
        save_file({"places": places}, file)
        return timed(lambda: load_file(file))[0]


def measure(method: str, peer: Callable[[np.ndarray], Any], count: int, repeats: int) -> dict[str, Any]:
    vectors = people(count)
    project(vectors[:500], method)
    peer(vectors[:500])
    took = [(timed(lambda: project(vectors, method)), timed(lambda: peer(vectors))) for _ in range(repeats)]
    ours, theirs = (statistics.median(pair[side][0] for pair in took) for side in (0, 1))
    made, other = took[-1][0][1], took[-1][1][1]
    return {
        "name": f"project-{method}", "points": count, "ours": ours, "peer": theirs, "ratio": theirs / ours, "wanted": 1,
        "floor": timed(lambda: _pca(vectors, 0, width=50))[0], "second_view": again(made.places),
        "trustworthiness": made.trustworthiness, "trustworthiness_peer": trust(vectors, np.asarray(other)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tsne", type=int, default=10_000)
    parser.add_argument("--umap", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=1)
    given = parser.parse_args()
    results = [
        measure("tsne", default_tsne, given.tsne, given.repeats),
        measure("umap", default_umap, given.umap, given.repeats),
    ]
    machine = {"cpus": len(os.sched_getaffinity(0)), "python": platform.python_version(), "numpy": np.__version__}
    print(json.dumps({"results": results, "machine": machine}))


if __name__ == "__main__":
    main()
