"""Several processes on one catalog: opened fresh by all at once, then written by all at once."""

import subprocess
import sys
from pathlib import Path

from dlcr.catalog import Catalog

WRITER = """
import sys, time
from pathlib import Path
from dlcr.catalog import Catalog
from dlcr.core.values import Sample

address, start, worker = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
while not start.exists():
    time.sleep(0.001)
catalog = Catalog.open(address)
dataset = catalog.put_dataset("world", "/data/world", "prcc")
catalog.put_samples(dataset.id, [Sample(Path(f"{n:04}.jpg"), "train", n, 0, str(n)) for n in range(800)])
sample = catalog.find_sample("world", "0000.jpg")
for n in range(20):
    mask = catalog.add_mask(sample.id, f"masks/{worker}_{n}.png", f"{worker}{n}", "brush", {}, 0.5)
    variant = catalog.add_variant(sample.id, mask.id, f"variants/{worker}_{n}.png", "coat", n, "demo", {})
    catalog.add_verdict(variant.id, "accepted", worker)
"""


def test_processes_open_a_fresh_home_and_write_at_once(tmp_path: Path, address: str):
    start = tmp_path / "start"
    command = [sys.executable, "-c", WRITER, address, str(start)]
    writers = [
        subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    start.touch()
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [""] * 3

    catalog = Catalog.open(address)
    sample = catalog.find_sample("world", "0000.jpg")
    masks, variants = catalog.masks(sample.id), catalog.variants(sample.id)
    assert catalog.count_samples("world") == 800
    assert len(catalog.datasets()) == 1
    assert [mask.version for mask in masks] == list(range(1, 61))
    assert len(variants) == 60
    assert all(row.reason == row.file.name.split("_")[0] for row in variants)
    order = {row.file.name: row.id for row in variants}
    assert all(order[f"{w}_{n}.png"] < order[f"{w}_{n + 1}.png"] for w in range(3) for n in range(19))
