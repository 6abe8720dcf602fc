"""One command of this program in its own process group, with its log, its progress and its answer in the job's folder."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dlcr.core.files import sweep, write_json
from dlcr.jobs.devices import NICE, half_threads
from dlcr.jobs.leash import GO, HOLD, LEASH
from dlcr.jobs.progress import FILE

COMMAND, LOG, PROGRESS, ANSWER, RESULT = "command.json", "log.txt", "progress.json", "answer.txt", "result.json"
KILLED = 30.0
"""Seconds that the system may take to end a killed process."""
ROOT = Path(__file__).resolve().parents[2]


def full_command(args: Sequence[str], home: Path) -> list[str]:
    """The command of a job, word by word; `--` in `args` stays the end of its options."""
    place = list(args).index("--") if "--" in args else len(args)
    return [sys.executable, "-m", "dlcr", *args[:place], "--json", "--home", str(home), *args[place:]]


class Command:
    """A command that runs; it dies with the process that started it (`leash.py`)."""

    def __init__(self, words: Sequence[str], folder: Path, *, niced: bool):
        more = {LEASH: "kill", FILE: str(folder / PROGRESS)} | (dict(half_threads()) if niced else {})
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        sweep(folder)
        for name in (PROGRESS, RESULT):
            (folder / name).unlink(missing_ok=True)
        write_json(folder / COMMAND, {"command": list(words), "environment": more, "niced": niced})
        self._folder = folder
        with (folder / LOG).open("ab") as log, (folder / ANSWER).open("wb") as answer:
            log.write(f"$ {shlex.join(words)}\n".encode())
            log.flush()
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=answer, stderr=log, start_new_session=True,
                env=os.environ | more | {"PYTHONPATH": path},
            )  # fmt: skip
        if niced:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)

    def wait(self, seconds: float) -> int | None:
        """The exit code, None if it runs on after `seconds`."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def hold(self, held: bool) -> None:
        """Ask it to stand still after the batch in flight, or to go on."""
        if self._process.stdin:
            with suppress(BrokenPipeError):  # it has just ended
                self._process.stdin.write(HOLD if held else GO)
                self._process.stdin.flush()

    def end(self, grace: float) -> int | None:
        """Interrupt it as Ctrl+C does, so that it ends after the batch in flight; with ever less patience if it does not."""
        code = None
        self.hold(False)
        for sign, seconds in ((signal.SIGINT, grace), (signal.SIGTERM, grace / 5)):
            code = self._send(sign, seconds) if code is None else code
        return self.kill() if code is None else code

    def kill(self) -> int | None:
        """End it at once."""
        return self._send(signal.SIGKILL, KILLED)

    def _send(self, sign: signal.Signals, seconds: float) -> int | None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, sign)
        return self.wait(seconds)

    def close(self, code: int | None) -> Mapping[str, Any] | None:
        """Keep the answer (the JSON object on the last line of its output), which is given back; the rest joins the log."""
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        *rest, last = (self._folder / ANSWER).read_text(encoding="utf-8", errors="replace").splitlines() or [""]
        answer = _object(last)
        if answer is None:
            rest = [*rest, last]
        with (self._folder / LOG).open("a", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in rest if line)
            if answer is not None and code != 0:
                log.write(f"{answer.get('what', '')} {answer.get('remedy', '')}\n")
            log.write(f"exit code {code}\n")
        (self._folder / ANSWER).unlink()
        if answer is not None and code == 0:
            write_json(self._folder / RESULT, answer)
        return answer


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
