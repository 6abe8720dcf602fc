"""What a workspace holds, as work that was not disturbed would leave it: an oracle that reads rows and files without the program.

Numbers of rows and times are left out, as they differ from run to run; photos go by their names.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors import safe_open

State = dict[str, Any]
APART = ("lost+found", "jobs", "catalog.sqlite", "queue.sqlite", ".in-use")
"""What is compared by rows, or is nobody's result."""


def state(home: Path, out: Path) -> State:
    """Everything that matters in a workspace and an export, by name."""
    with closing(sqlite3.connect(f"file:{home / 'catalog.sqlite'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        images = {
            row["id"]: f"{row['name']}:{row['image']}"
            for row in database.execute(
                "SELECT s.id, s.image, d.name FROM samples s JOIN datasets d ON d.id = s.dataset_id"
            )
        }
        found = _samples(database, images) | _masks(database, images, home) | _texts(database, images)
        found |= _variants(database, images, home) | _runs(database, home)
    return found | _arrays(home, images) | _files(home, images) | _export(out)


def differences(wanted: State, found: State, *, ordered: bool = True) -> list[str]:
    """What differs, in words; not `ordered`: a photo's variants may stand in another order."""
    told = []
    for key in sorted({*wanted, *found}):
        here, there = wanted.get(key), found.get(key)
        if not ordered and isinstance(here, list) and isinstance(there, list):
            here, there = sorted(map(str, here)), sorted(map(str, there))
        if here != there:
            told.append(f"{key}: {str(here)[:300]} became {str(there)[:300]}")
    return told


def _samples(database: sqlite3.Connection, images: Mapping[int, str]) -> State:
    names = "split, pid, camid, clothes_id, tracklet, size, width, height, present, content, flaw"
    rows = database.execute(f"SELECT id, {names} FROM samples").fetchall()
    kept = {images[row["id"]]: tuple(row)[1:] for row in rows if images[row["id"]].startswith("small:")}
    others = sorted((images[row["id"]], *tuple(row)[1:6]) for row in rows if images[row["id"]] not in kept)
    return {f"sample {name}": values for name, values in kept.items()} | {"other samples": _sum(str(others).encode())}


def _masks(database: sqlite3.Connection, images: Mapping[int, str], home: Path) -> State:
    found: State = {}
    for row in database.execute(
        "SELECT m.*, p.version AS came FROM masks m LEFT JOIN masks p ON p.id = m.parent ORDER BY m.id"
    ):
        told = (row["version"], row["digest"], row["source"], json.loads(row["settings"]), row["coverage"], row["came"])
        found.setdefault(f"masks {images[row['sample_id']]}", []).append((*told, _digest(home / row["file"])))
    return found


def _texts(database: sqlite3.Connection, images: Mapping[int, str]) -> State:
    found: State = {}
    for row in database.execute("SELECT * FROM captions"):
        found[f"caption {images[row['sample_id']]} {row['model']}"] = (row["text"], row["outfit"])
    query = "SELECT d.name, p.* FROM prompts p JOIN datasets d ON d.id = p.dataset_id ORDER BY p.version"
    for row in database.execute(query):
        found[f"prompt {row['name']} {row['clothes_id']}"] = (row["text"], row["source"])  # the newest
    return found


def _variants(database: sqlite3.Connection, images: Mapping[int, str], home: Path) -> State:
    found: State = {}
    query = "SELECT v.*, m.digest FROM variants v LEFT JOIN masks m ON m.id = v.mask_id ORDER BY v.id"
    for row in database.execute(query):
        told = (Path(row["file"]).name, row["prompt"], row["seed"], row["model"], row["digest"], row["checks"])
        lineage = _sum(json.dumps(json.loads(row["lineage"]), sort_keys=True).encode())
        found.setdefault(f"variants {images[row['sample_id']]}", []).append(
            (*told, lineage, _digest(home / row["file"]))
        )
    return found


def _runs(database: sqlite3.Connection, home: Path) -> State:
    found: State = {}
    for row in database.execute("SELECT r.*, d.name AS dataset FROM runs r JOIN datasets d ON d.id = r.dataset_id"):
        told = (row["dataset"], row["state"], row["epochs"], row["images_seen"])
        found[f"run {row['name']}"] = (*told, json.loads(row["settings"]), json.loads(row["facts"]))
        folder = home / "runs" / row["name"]
        for path in sorted(folder.glob("checkpoints/epoch-*"))[-1:]:  # the one before it is a spare
            found[f"checkpoint {row['name']} {path.name}"] = _checkpoint(path)
        for path in sorted([*folder.glob("*.safetensors"), *folder.glob("run.json")]):
            found[f"file {row['name']} {path.name}"] = _digest(path)
        if (log := folder / "checkpoints" / "log.jsonl").exists():
            found[f"log {row['name']}"] = [_timeless(json.loads(line)) for line in log.read_text().splitlines()]
    for row in database.execute("SELECT * FROM evaluations"):
        found[f"evaluation {row['run']} {row['protocol']} {row['refine']}"] = (json.loads(row["result"]), row["file"])
    return found


def _checkpoint(path: Path) -> tuple[str, Any]:
    """Sum over the tensors, and the losses."""
    with safe_open(path, "np") as content:
        arrays = {name: content.get_tensor(name) for name in sorted(content.keys())}
        facts = json.loads(content.metadata()["facts"])
    made = _sum(b"".join(name.encode() + value.tobytes() for name, value in arrays.items()))
    return made, [_timeless(row) for row in facts["history"]]


def _timeless(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("time", "seconds")}


def _arrays(home: Path, images: Mapping[int, str]) -> State:
    """Features and results, numbers of samples as their names, features in the order of these."""
    found: State = {}
    for path in sorted([*home.glob("features/**/*.safetensors"), *home.glob("runs/*/evaluations/*.safetensors")]):
        with safe_open(path, "np") as content:
            arrays = {name: content.get_tensor(name) for name in sorted(content.keys())}
            source = (content.metadata() or {}).get("source")
        if "ids" in arrays:
            order = np.argsort([images.get(int(key), "?") for key in arrays["ids"]], kind="stable")
            arrays = {name: value[order] for name, value in arrays.items()}
        told = {
            name: _named(value, images) if name in ("ids", "queries", "gallery") else _sum(value.tobytes())
            for name, value in arrays.items()
        }
        found[f"arrays {path.relative_to(home)}"] = (source, told)
    return found


def _named(ids: np.ndarray, images: Mapping[int, str]) -> str:
    return _sum("\n".join(images.get(int(key), "?") for key in ids).encode())


def _files(home: Path, images: Mapping[int, str]) -> State:
    """The names of all files; folders of samples go by the sample's name."""
    names = []
    for path in sorted(home.rglob("*")):
        parts = list(path.relative_to(home).parts)
        if path.is_dir() or parts[0].startswith(APART) or path.name.startswith("epoch-"):
            continue
        if parts[0] in ("masks", "variants"):
            parts[1] = images.get(int(parts[1]), "nobody")
        names.append("/".join(parts))
    return {"files": sorted(names)}


def _export(out: Path) -> State:
    """Each strip as its tiles and their prompts."""
    found: State = {"exported": sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())}
    for path in sorted(out.rglob("*.png")):
        with Image.open(path) as opened:
            strip = np.asarray(opened)
        prompts = path.with_suffix(".txt").read_text().splitlines()
        tiles = np.split(strip, max(1, len(prompts)), axis=1)
        told = [(_sum(tile.tobytes()), prompt) for tile, prompt in zip(tiles, prompts, strict=True)]
        found[f"strip {path.relative_to(out)}"] = told
    return found


def _digest(path: Path) -> str | None:
    return _sum(path.read_bytes()) if path.is_file() else None


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
