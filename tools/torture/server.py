"""A model server in a process of its own: starting it, and telling a verb to ask it."""

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.torture.child import until
from tools.torture.verbs import Place

SERVED = "describe by a server"
"""The verb describe as it asks a model server."""


def server_words(port: int) -> list[str]:
    """What tells a verb to ask the model server."""
    spec = f"openai:http://127.0.0.1:{port}/v1#m"
    return ["--captioner", spec, "--summariser", spec]


def port_of(words: Sequence[str]) -> int:
    """The port in words of `server_words`."""
    return int(words[words.index("--captioner") + 1].split(":")[3].partition("/")[0])


def serve(place: Place, port: int) -> "subprocess.Popen[bytes]":
    """Start the model server and wait until it listens."""
    log = place.log.open("ab")
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("answers.py")), str(port)], stdout=log, stderr=log,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    until(lambda: not socket.socket().connect_ex(("127.0.0.1", port)), "the model server listens")
    return server


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
