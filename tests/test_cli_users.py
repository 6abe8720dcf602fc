"""The verb `user`, in processes of its own: names come and go, passwords come from the input and are never shown."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def user(home: Path, *words: str, given: str = "") -> tuple[int, dict]:
    command = [sys.executable, "-m", "dlcr", "user", *words, "--home", str(home), "--json"]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert "secret" not in done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_users_come_and_go(tmp_path: Path) -> None:
    assert user(tmp_path, "list") == (0, {"users": []})
    assert user(tmp_path, "add", "ann", given="a long secret\n") == (0, {"users": ["ann"]})
    assert user(tmp_path, "add", "bob", given="secret two\r\n") == (0, {"users": ["ann", "bob"]})
    assert user(tmp_path, "remove", "ann") == (0, {"users": ["bob"]})
    code, told = user(tmp_path, "remove", "ann")
    assert (code, told["what"]) == (2, "there is no user 'ann'.")


@pytest.mark.parametrize(
    ("words", "given", "said"), [(("add", "a/b"), "long enough", "'a/b'"), (("add", "ann"), "", "8 to 1024")]
)
def test_what_is_not_allowed_is_wrong_usage(tmp_path: Path, words: tuple[str, ...], given: str, said: str) -> None:
    code, told = user(tmp_path, *words, given=given)
    assert (code, said in told["what"]) == (2, True)


def serve(home: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "app.py", "--home", str(home), *words]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org", "", "127.0.0.1.example.org"])
def test_the_app_opens_to_others_only_where_people_sign_in(tmp_path: Path, host: str) -> None:
    code, said = serve(tmp_path, f"--host={host}")
    assert (code, "dlcr user add NAME" in said, len(said.splitlines())) == (2, True, 1)


def test_signing_in_needs_somebody_who_can(tmp_path: Path) -> None:
    code, said = serve(tmp_path, "--auth", "--host=0.0.0.0")
    assert (code, "--auth needs a user, and there is none." in said) == (2, True)
