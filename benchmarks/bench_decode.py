"""2,000 JPEG crops to tensors: ours against Pillow, torchvision and OpenCV on the same bytes, interleaved.

The floor is copying the decoded pixels once. The cache line reads the same crops from the memory-mapped cache (in the size of
the crops), which stats every file. Prints one JSON object on one line.

    python benchmarks/bench_decode.py [--crops 2000] [--repeats 5]
"""

import argparse
import io
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision
from PIL import Image

from dlcr.data import world_root
from dlcr.data.pixels import PixelCache, decode_fast


def pillow(data: bytes) -> torch.Tensor:
    return torch.from_numpy(np.array(Image.open(io.BytesIO(data)).convert("RGB")))


def vision(data: bytes) -> torch.Tensor:
    raw = torch.frombuffer(bytearray(data), dtype=torch.uint8)
    picture: torch.Tensor = torchvision.io.decode_jpeg(raw, mode=torchvision.io.ImageReadMode.RGB)
    return picture


def opencv(data: bytes) -> torch.Tensor:
    return torch.from_numpy(cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), 1), cv2.COLOR_BGR2RGB))


def ours(data: bytes) -> torch.Tensor:
    return torch.from_numpy(decode_fast(data))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crops", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    files = list(islice(cycle(sorted(world_root().rglob("*.jpg"))), given.crops))
    crops = [file.read_bytes() for file in files]
    pixels = [decode_fast(data) for data in crops]
    height, width = pixels[0].shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        cache = PixelCache(Path(folder) / "crops", len(files), height, width)
        every: dict[str, Callable[[], object]] = {
            "ours": lambda: [ours(data) for data in crops], "Pillow": lambda: [pillow(data) for data in crops],
            "torchvision": lambda: [vision(data) for data in crops], "OpenCV": lambda: [opencv(data) for data in crops],
            "cache": lambda: [cache.read(row, file) for row, file in enumerate(files)],
            "floor": lambda: [one.copy() for one in pixels],
        }  # fmt: skip
        times: dict[str, list[float]] = {name: [] for name in every}
        for work in every.values():
            work()
        for _ in range(given.repeats):
            for name, work in every.items():
                start = time.perf_counter()
                work()
                times[name].append(time.perf_counter() - start)
    middle = {name: statistics.median(found) for name, found in times.items()}
    result = {"name": "decode", "ours": middle["ours"], "peer": middle["Pillow"], "peer_is": "Pillow", "wanted": 2.0}
    result |= {"ratio": middle["Pillow"] / middle["ours"], "floor": middle["floor"]}
    machine = {"cpus": len(os.sched_getaffinity(0)), "crops": given.crops, "size": [width, height]}
    print(json.dumps({"results": [result], "seconds": middle, "machine": machine}))


if __name__ == "__main__":
    main()
