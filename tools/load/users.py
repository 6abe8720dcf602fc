"""What a person does with the app: looks for photos, turns pages, opens other pages, asks by program, paints, brings a photo."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import numpy as np
from gradio_client import Client
from PIL import Image

from tools.load.tab import Tab

OTHERS = ("expand", "train", "space", "retrieve", "data", "jobs", "models")
PATIENCE = 300.0
"""Seconds that anybody waits for an answer."""
SMALL = 4
"""Steps of a small painting."""
EDGE = 12
"""Pixels of the frame in a user's own colour around the own photo."""
PICTURE = re.compile(r"/picture/sample/(\d+)")
OPENED = re.compile(r'"url":"/picture/sample/(\d+)"')
"""A photo that is thumbnail or link in what a tab was told; one that is on its desk."""


@dataclass(slots=True)
class Tally:
    """Seconds of each kind of thing done, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Count one thing done; what it raises is an error of the app."""
        begun = time.monotonic()
        try:
            yield
            self.seconds.setdefault(kind, []).append(time.monotonic() - begun)
        except Exception as error:
            self.errors.append(f"{kind}: {type(error).__name__}: {error}"[:300])


class Person:
    """A user with a word and a colour of their own, which nobody else's session may ever show.

    Two tabs of the Studio: `studio` has the own photo on its desk, in `finder` others are looked for.
    """

    def __init__(self, address: str, name: str, password: str, number: int):
        self.address, self.name, self.tally = address, name, Tally()
        self.rng = np.random.default_rng(number)
        self.word = f"own{number:03}word"
        self.colour = tuple(int(value) for value in np.random.default_rng(1000 + number).integers(60, 255, 3))
        # a connection that is kept may be closed by the server just when it is used again; browsers try again, httpx does not
        self.client = httpx.Client(base_url=address, timeout=PATIENCE, limits=httpx.Limits(max_keepalive_connections=0))
        self.client.post("/login", data={"username": name, "password": password}).raise_for_status()
        cookies = dict(self.client.cookies)
        self.program = Client(address, verbose=False, httpx_kwargs={"timeout": PATIENCE, "cookies": cookies})
        self.studio, self.finder = Tab(self.client, ""), Tab(self.client, "")
        self.photo, self.split, self.words = 0, "", ""
        self.seen: set[int] = set()

    def browse(self) -> None:
        """Filter the photos, turn a page, look at the pictures."""
        self.split = str(self.rng.choice([one for one in ("train", "query", "gallery") if one != self.split]))
        with self.tally.timed("browse"):
            self.finder.fire("split", "input", {"split": self.split})
        with self.tally.timed("browse"):
            shown = self.finder.fire("gallery", "turn", data={"act": "turn", "after": int(self.rng.integers(1, 200))})
        found = [int(one) for one in dict.fromkeys(PICTURE.findall(str(shown[0])))]
        self.seen |= set(found)
        for one in found[:4]:
            with self.tally.timed("picture"):
                self.client.get(f"/picture/sample/{one}/thumb").raise_for_status()

    def look_around(self) -> None:
        """Open another page."""
        with self.tally.timed("page"):
            self.client.get(f"/{self.rng.choice(OTHERS)}", headers={"Accept": "text/html"}).raise_for_status()

    def ask(self) -> None:
        """Two calls of a program."""
        with self.tally.timed("call"):
            found = self.program.predict("world", "query", -1, 20, api_name="/samples")
        with self.tally.timed("call"):
            one = found[int(self.rng.integers(len(found)))]
            self.program.predict(one["sample"], "world-dlcr", "", 5, api_name="/retrieve")

    def paint(self) -> None:
        """A small painting, which keeps the device busy."""
        with self.tally.timed("paint"):
            self.program.predict(
                int(self.rng.integers(1, 40)),
                "red t-shirt | blue jeans",
                1,
                int(self.rng.integers(999)),
                SMALL,
                api_name="/paint",
            )

    def train(self) -> None:
        """Start one training of one epoch from the page."""
        with self.tally.timed("train"):
            tab = Tab(self.client, "train")
            tab.load("?dataset=world")
            tab.fire("train-start", "click", {"run-name": f"load-{self.name}", "train-epochs": 1})

    def bring_photo(self) -> None:
        """Give an own photo in a frame of the own colour, and write a prompt that is kept nowhere."""
        with self.tally.timed("upload"):
            kept = self.client.post("/gradio_api/upload", files={"files": (f"{self.word}.png", self._framed())}).json()[
                0
            ]
            file = {"path": kept, "orig_name": f"{self.word}.png", "meta": {"_type": "gradio.FileData"}}
            answers = self.studio.fire("upload", "upload", {"upload": file})
            self.photo = next(int(found[1]) for found in OPENED.finditer(json.dumps(answers[1], separators=(",", ":"))))
        with self.tally.timed("prompt"):
            self.studio.fire("prompt", "change", {"prompt": f"red t-shirt {self.word}"})

    def look_at_own(self) -> None:
        """The photo on the desk is still the own one, in the own colour."""
        with self.tally.timed("own"):
            self.words = "" if self.words else self.word  # the same words again would not be answered
            answers = self.studio.fire("words", "submit", {"words": self.words})
            told = str(answers[-1]) + str(answers[0])
            if self.photo and f"sample={self.photo}" not in told:
                self.tally.leaks.append(f"{self.name}: the desk shows another photo: {told[-200:]}")
            picture = np.asarray(
                Image.open(io.BytesIO(self.client.get(f"/picture/sample/{self.photo}").content)).convert("RGB")
            )
            if tuple(int(value) for value in picture[2, 2]) != self.colour:
                self.tally.leaks.append(f"{self.name}: the own photo has the colour {picture[2, 2]}, not {self.colour}")

    def overheard(self, others: list[Person]) -> list[str]:
        """Words and photos of other users that this one's tab was told of without asking."""
        told = "\n".join([*self.studio.said, *self.finder.said])
        found = [f"{self.name} was told {one.word}" for one in others if one is not self and one.word in told]
        opened = {int(one) for one in OPENED.findall(told)}
        return found + [
            f"{self.name} saw the photo of {one.name}" for one in others if one is not self and one.photo in opened
        ]

    def _framed(self) -> bytes:
        """A photo of the embedded set in a frame."""
        photo = np.asarray(
            Image.open(io.BytesIO(self.client.get(f"/picture/sample/{1 + self.rng.integers(30)}").content)).convert(
                "RGB"
            )
        )
        height, width = photo.shape[:2]
        framed = np.full((height + 2 * EDGE, width + 2 * EDGE, 3), self.colour, np.uint8)
        framed[EDGE:-EDGE, EDGE:-EDGE] = photo
        stream = io.BytesIO()
        Image.fromarray(framed).save(stream, "PNG")
        return stream.getvalue()


def habit(person: Person, number: int) -> list[Callable[[], None]]:
    """What a person does in turn: all browse, every fourth paints too."""
    usual = [person.browse, person.look_around, person.browse, person.ask, person.look_at_own]
    return [*usual, person.paint] if number % 4 == 0 else usual
