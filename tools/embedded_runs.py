"""Make the embedded runs of `assets/runs` from finished runs of a workspace, in half precision, with features and results.

    python -m dlcr train world --run cal --home HOME
    python -m dlcr expand world --variants 10 --profile fast --home HOME
    python -m dlcr train world --run dlcr --with-variants --home HOME
    python -m tools.embedded_runs --home HOME world-cal=cal world-dlcr=dlcr

The network is rounded first; features and results are the rounded one's, so the same commands on the embedded run say the same.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.torch import load_file, save

from dlcr import stages
from dlcr.core.errors import TrainingError
from dlcr.core.files import write_bytes
from dlcr.core.training import CHECKPOINTS, LOG, MODEL, RECORD, VARIANTS
from dlcr.embed.store import Features, read_features, write_arrays, write_features
from dlcr.stages_embed import EMBEDDED_RUNS, embed
from dlcr.stages_embedded import PLACES, RESULTS
from dlcr.stages_evaluate import evaluate

CARD = """# {name}: {what}

A re-identification network trained on the embedded data set `world`: EfficientNet-Lite0 cut after its fifth stage, on photos of
160x80, shipped in fp16 with its features of all {photos} photos and every query's result. A small demonstration on rendered people;
not for identifying or judging anyone.

- **Data**: the {images} training photos of `assets/world`{variants}.
- **Command**: {command}
- **Training**: {epochs} epochs, {seen} photos seen, {seconds} s on a CPU (threads: {threads}), seed {seed}.
- **Figures** (fractions of 1, one seed): {scores}. More seeds: [docs/embedded-world.md](../../../docs/embedded-world.md).
- **Limits**: people, cameras and clothes are rendered; figures say nothing about real data sets.
- **Licence**: Apache-2.0; the trunk's first weights are timm's `tf_efficientnet_lite0` (Apache-2.0).
"""


def round_network(folder: Path) -> bytes:
    """Round the run's network to fp16 in place; its bytes."""
    tensors = {
        key: value.half() if value.is_floating_point() else value for key, value in load_file(folder / MODEL).items()
    }
    content = save(tensors)
    write_bytes(folder / MODEL, content)
    return content


def round_features(session: stages.Session, run: str) -> Features:
    """Make the features of the rounded network and round them too, in place; TrainingError if they cannot be read again."""
    path = embed(session, stages.WORLD, run)
    exact = read_features(path)
    if exact is None:
        raise TrainingError(f"the features of '{run}' in {path} are damaged.", "Delete the file and start again.")
    rounded = Features(exact.ids, exact.vectors.astype(np.float16).astype(np.float32), exact.source)
    write_features(path, rounded)
    return rounded


def write_run(session: stages.Session, run: str, folder: Path, network: bytes, features: Features) -> None:
    """Write a finished run of world as an embedded one; `network` and `features` are the rounded ones that were evaluated."""
    source = session.workspace.runs / run
    told = json.loads((source / RECORD).read_text(encoding="utf-8"))
    samples = session.catalog.every_sample(stages.WORLD)
    place = {sample.id: number for number, sample in enumerate(samples)}
    rows = np.argsort([place[int(key)] for key in features.ids])
    arrays, scores = {"vectors": features.vectors[rows].astype(np.float16)}, {}
    for row in session.catalog.evaluations(run, stages.WORLD):
        if row.refine:
            continue
        with safe_open(session.workspace.home / row.file, "np") as content:
            own = {key: content.get_tensor(key) for key in content.keys()}  # noqa: SIM118 - not a dictionary
        own |= {key: np.array([place[int(one)] for one in own[key]], np.int32) for key in PLACES}
        arrays |= {f"{row.protocol}/{key}": value for key, value in own.items()}
        scores[row.protocol] = row.result
    (row_of,) = [row for row in session.catalog.runs(stages.WORLD) if row.name == run]
    done = {"epochs": row_of.epochs, "images_seen": row_of.images_seen, "seconds": round(row_of.seconds, 1)}
    record = told | {"facts": told["facts"] | {"world": samples.fingerprint}, "done": done}
    write_bytes(folder / RECORD, (json.dumps(record, indent=2, sort_keys=True) + "\n").encode())
    write_bytes(folder / MODEL, network)
    write_arrays(folder / RESULTS, arrays, {"scores": json.dumps(scores, sort_keys=True)})
    write_bytes(folder / CHECKPOINTS / LOG, (source / CHECKPOINTS / LOG).read_bytes())


def release(session: stages.Session, name: str, run: str, out: Path) -> None:
    """Write `out`/`name` from the workspace's run `run` on world."""
    content = round_network(session.workspace.runs / run)
    features = round_features(session, run)
    found = evaluate(session, run)
    write_run(session, run, out / name, content, features)
    (row,) = [row for row in session.catalog.runs(stages.WORLD) if row.name == run]
    settings, facts, variants = row.settings, row.facts, row.facts["variants"]["count"]
    made = f"`dlcr expand world --variants {variants // facts['images']} --profile fast`"
    flags = " --with-variants" if variants else ""
    if variants and settings["variants"] != VARIANTS:
        flags += f" --variants {settings['variants']}"
    card = CARD.format(
        name=name, what="CAL with generated variants (DLCR)" if variants else "the CAL baseline", photos=len(features.ids),
        images=facts["images"], variants=f" and {variants} variants ({made})" if variants else "",
        command=f"`dlcr train world{flags}`", epochs=row.epochs, seen=row.images_seen,
        seconds=round(row.seconds), threads=facts["threads"], seed=settings["seed"],
        scores="; ".join(f"{key.upper()} rank-1 {one.rank1:.3f}, mAP {one.mAP:.3f}" for key, one in found.items()),
    )  # fmt: skip
    write_bytes(out / name / "README.md", card.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", required=True, help="the workspace that holds the runs")
    parser.add_argument("--out", type=Path, default=EMBEDDED_RUNS)
    parser.add_argument("runs", nargs="+", metavar="NAME=RUN")
    given = parser.parse_args()
    session = stages.open_session(given.home)
    for pair in given.runs:
        name, _, run = pair.partition("=")
        release(session, name, run, given.out)
        size = sum(path.stat().st_size for path in (given.out / name).rglob("*") if path.is_file())
        print(f"{name}: {size / 2**20:.2f} MiB in {given.out / name}")


if __name__ == "__main__":
    main()
