"""A training corpus: people from `first` on, as WebDataset tar shards of photo, labels and what is true of them."""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from dlcr.core.errors import UsageError
from dlcr.core.files import write_bytes, write_json
from tools.world.cameras import Camera, draw_camera, draw_shot
from tools.world.lens import jpeg, png
from tools.world.materials import Label
from tools.world.outfits import Outfit, draw_wardrobe
from tools.world.people import Person, draw_person
from tools.world.render import Model, Studio
from tools.world.workers import studio

SHARD_PEOPLE = 100


@dataclass(frozen=True, slots=True)
class CorpusPlan:
    """What to render: people `first` to `first + people`, each in `outfits` outfits with `shots` shots of each.

    `alike`: a person's outfits are worn in the same shots, so that crops of a shot differ in the clothes alone.
    """

    people: int
    first: int
    outfits: int
    shots: int
    seed: int
    alike: bool = False

    def shards(self) -> list[range]:
        """The people of each shard."""
        end = self.first + self.people
        return [range(start, min(start + SHARD_PEOPLE, end)) for start in range(self.first, end, SHARD_PEOPLE)]


def truth(person: Person, outfit: Outfit, number: int, camera: Camera) -> dict[str, object]:
    """What is true of a crop, as JSON: ids, the clothes in words and columns, the person in words and columns."""
    columns = ("sex", "age", "build", "height", "skin", "hair", "hair_colour", "beard", "glasses", "walk")
    return {
        "identity": person.pid,
        "outfit": number,
        "camera": camera.number,
        "scene": camera.scene,
        "text": outfit.text,
        "person": person.sentence,
        "garments": [item.attributes for item in outfit.items],
        "attributes": {column: getattr(person, column) for column in columns},
        "labels": {label.name.lower(): int(label) for label in Label},
    }


def crops(place: Studio, pid: int, plan: CorpusPlan) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Key and files of every crop of one person; the same plan gives the same bytes, on any number of workers."""
    person = draw_person(pid, place.template.local_changes, seed=plan.seed)
    rest = place.dresser.body(person)
    wardrobe = draw_wardrobe(person.sex, plan.outfits, np.random.default_rng([plan.seed, pid, 2]))
    models = [Model(person, place.dresser.dress(person, rest, outfit)) for outfit in wardrobe]
    for number, (outfit, model) in enumerate(zip(wardrobe, models, strict=True)):
        for take in range(plan.shots):
            rng = np.random.default_rng([plan.seed, pid, 3, 0 if plan.alike else number, take])
            camera = draw_camera(rng)
            shot = draw_shot(camera, place.scene(camera.scene, camera.place).half_width, rng)
            picture = place.photograph(model, camera, shot, framed=models[0] if plan.alike else None)
            told = json.dumps(truth(person, outfit, number, camera) | ({"shot": take} if plan.alike else {})).encode()
            files = {"jpg": jpeg(picture.photo, camera.quality), "png": png(picture.labels), "json": told}
            yield f"{pid:06d}_{number * plan.shots + take}", files


def shard(place: Studio, people: range, plan: CorpusPlan) -> bytes:
    """A tar file of some people's crops, without dates or owners."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for pid in people:
            for key, files in crops(place, pid, plan):
                for ending, data in files.items():
                    member = tarfile.TarInfo(f"{key}.{ending}")
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def shard_path(folder: Path, number: int) -> Path:
    """`world-00.tar` and so on."""
    return folder / f"world-{number:02d}.tar"


def write_shard(makehuman: Path, folder: Path, plan: CorpusPlan, number: int) -> Path:
    """Render one shard in this process's studio and write it whole."""
    return write_bytes(shard_path(folder, number), shard(studio(makehuman), plan.shards()[number], plan))


def open_corpus(folder: Path, plan: CorpusPlan, *, resume: bool) -> list[int]:
    """Numbers of the shards still to render into `folder`; UsageError if it holds another corpus, or this one without `resume`."""
    told, note = asdict(plan), folder / "plan.json"
    if note.exists() and not resume:
        remedy = "Add --resume to render what is missing, or choose another folder."
        raise UsageError(f"{folder} already holds a corpus.", remedy)
    if note.exists() and json.loads(note.read_text(encoding="utf-8")) != told:
        remedy = "Give the same flags as then, or choose another folder."
        raise UsageError(f"{folder} holds a corpus of another plan: {note.name}.", remedy)
    write_json(note, told)
    return [number for number in range(len(plan.shards())) if not shard_path(folder, number).exists()]
