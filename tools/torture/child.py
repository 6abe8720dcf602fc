"""Commands in children of one process that has imported everything; and as processes of their own."""

import functools
import gc
import importlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.torture.touches import Touches
from tools.torture.verbs import Place

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
NEEDS = {
    "index": "alembic.command dlcr.cli dlcr.stages dlcr.integrity dlcr.doctor dlcr.jobs.worker",
    "parse": "torch timm segmentation_models_pytorch dlcr.stages_parse",
    "describe": "openai dlcr.stages_describe dlcr.language.server",
    "expand": "diffusers transformers dlcr.stages_expand dlcr.inpaint.batches",
    "train": "dlcr.stages_train dlcr.reid.training dlcr.reid.runs dlcr.reid.network dlcr.reid.parallel",
    "embed": "dlcr.stages_embed",
}
"""What a verb imports in the end."""
PATIENCE = 600.0
"""Seconds after which a command that should have ended is a failure of its own."""


class Stuck(Exception):
    """A command did not end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: exit code (negative: by that signal), what it answered as JSON, seconds, touches of the workspace."""

    code: int
    answer: Mapping[str, Any]
    seconds: float
    touches: int = 0


def preload(verbs: Sequence[str]) -> None:
    """Import what the verbs need, before any thread is started, and load the embedded models: children find them loaded."""
    from dlcr import language, parsing, session

    for verb in verbs:
        for name in NEEDS.get(verb, "").split():
            importlib.import_module(name)
    loaders = {
        "parse": (parsing, "load_parser"),
        "describe": (language, "load_captioner"),
        "expand": (session, "load_inpainter"),
    }
    for verb, (module, name) in loaders.items():
        if verb in verbs:
            loads = functools.cache(getattr(module, name))
            loads("demo", "auto")
            setattr(module, name, loads)
    gc.collect()
    gc.freeze()  # children then copy fewer pages


def start(place: Place, words: Sequence[str], *, last: int | None = None, user: int | None = None) -> int:
    """Fork a child that runs a verb; its process id. It dies at its touch number `last`; `user` is whom it runs as."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(place, user)
        touches = Touches(place.disk, last)
        touches.watch()
        code = _run(words, place)
        sys.stdout.flush()
        sys.stderr.flush()
        (place.root / "touches").write_text(str(touches.count))
        os._exit(code)
    except BaseException:
        traceback.print_exc()
        os._exit(70)


def _become(place: Place, user: int | None) -> None:
    os.setsid()
    os.nice(0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    (place.root / "touches").unlink(missing_ok=True)
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    answer = os.open(place.answer, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(answer, 1)
    os.dup2(log, 2)
    if user is not None:
        os.setgid(user)
        os.setuid(user)


def _run(words: Sequence[str], place: Place) -> int:
    from dlcr.cli import main

    sys.argv = ["dlcr", *words, "--json", "--home", str(place.home)]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def wait(place: Place, pid: int, began: float) -> Ended:
    """Until a forked command ends."""
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() - began > PATIENCE:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise Stuck(f"a command did not end within {PATIENCE:.0f} s")
        time.sleep(0.01)
    touches = place.root / "touches"
    count = int(touches.read_text() or 0) if touches.exists() else 0
    return Ended(os.waitstatus_to_exitcode(status), last_line(place.answer), time.monotonic() - began, count)


def run(place: Place, words: Sequence[str], **how: Any) -> Ended:
    """Run a verb in a forked child to its end."""
    began = time.monotonic()
    return wait(place, start(place, words, **how), began)


def last_line(file: Path) -> dict[str, Any]:
    """The JSON object on the last line of a command's output, empty if there is none."""
    try:
        found = json.loads(file.read_text(errors="replace").strip().splitlines()[-1])
    except (OSError, ValueError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}


def ask(place: Place, work: Callable[[], Any]) -> Any:
    """What a function answers in a forked child: here no catalog is ever opened."""
    told = place.root / "told"
    told.unlink(missing_ok=True)
    pid = os.fork()
    if not pid:
        try:
            told.write_bytes(pickle.dumps(work()))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(70)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("the look at the workspace failed: see above")
    return pickle.loads(told.read_bytes())  # written by our own child


def spawn(place: Place, words: Sequence[str], **environment: str) -> "subprocess.Popen[bytes]":
    """Start `python WORDS` as a process of its own, in its own group."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with place.log.open("ab") as log, place.answer.open("wb") as answer:
        return subprocess.Popen(
            [sys.executable, *words], stdin=subprocess.DEVNULL, stdout=answer, stderr=log, start_new_session=True,
            cwd=place.root, env=os.environ | {"PYTHONPATH": path, "DLCR_JOB_HEARTBEAT": "0.5"} | environment,
        )  # fmt: skip


def spawn_verb(place: Place, words: Sequence[str], **environment: str) -> "subprocess.Popen[bytes]":
    """Start a verb as a process of its own."""
    return spawn(place, ["-m", "dlcr", *words, "--json", "--home", str(place.home)], **environment)


def finish(place: Place, process: "subprocess.Popen[bytes]", began: float) -> Ended:
    """Until a process of its own ends."""
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired as error:
        kill_group(process)
        raise Stuck(f"{process.args!r} did not end within {PATIENCE:.0f} s") from error
    return Ended(code, last_line(place.answer), time.monotonic() - began)


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill -9 a process that was started here with all of its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def until(holds: Callable[[], Any], says: str) -> Any:
    """Wait for something to come true; gives it."""
    end = time.monotonic() + PATIENCE / 2
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.2)
    raise TimeoutError(f"waited in vain: {says}")
