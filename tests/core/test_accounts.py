"""Users: passwords are hashed with a salt, only their owner reads the file, and nothing about them can be guessed."""

import json
from pathlib import Path

import pytest

from dlcr.core.accounts import Accounts, matches
from dlcr.core.errors import UsageError, WorkspaceError


@pytest.fixture
def users(tmp_path: Path) -> Accounts:
    accounts = Accounts(tmp_path / "home" / "users.json")
    accounts.add("ann", "correct horse")
    return accounts


def test_the_right_password_is_right_and_no_other_is(users: Accounts) -> None:
    assert users.right("ann", "correct horse")
    for name, password in [
        ("ann", "correct hors"),
        ("ann", ""),
        ("Ann", "correct horse"),
        ("bob", "correct horse"),
        ("ann", "x" * 9999),
    ]:
        assert not users.right(name, password)


def test_the_file_is_the_owners_and_holds_no_password(users: Accounts) -> None:
    assert users.file.stat().st_mode & 0o777 == 0o600
    assert "correct" not in users.file.read_text()
    users.add("bob", "correct horse")
    kept = json.loads(users.file.read_text())
    assert kept["ann"] != kept["bob"]


def test_a_new_password_and_a_removal_hold_at_once(users: Accounts) -> None:
    stamp = users.stamp("ann")
    users.add("ann", "battery staple")
    assert (users.right("ann", "correct horse"), users.right("ann", "battery staple")) == (False, True)
    assert stamp != users.stamp("ann")
    users.remove("ann")
    assert (users.names(), users.stamp("ann")) == ([], None)
    with pytest.raises(UsageError, match="no user 'ann'"):
        users.remove("ann")


@pytest.mark.parametrize("name", ["", "../x", "a b", "<b>", "-rf", ".x", "x" * 65, "a\n", "ä", "a/b"])
def test_a_name_is_plain(users: Accounts, name: str) -> None:
    with pytest.raises(UsageError, match="no name of a user"):
        users.add(name, "long enough")


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
def test_a_password_has_a_length(users: Accounts, password: str) -> None:
    with pytest.raises(UsageError, match="8 to 1024"):
        users.add("ann", password)


@pytest.mark.parametrize("text", ["{", "[]", '{"ann": 1}', "\xff"])
def test_a_damaged_file_lets_nobody_in_and_says_so(users: Accounts, text: str) -> None:
    users.file.write_text(text, encoding="latin-1")
    with pytest.raises(WorkspaceError, match="users"):
        users.right("ann", "correct horse")


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "scrypt$1",
        "scrypt$3$8$1$00$00",
        "scrypt$32768$8$3$zz$00",
        "md5$32768$8$3$00$00",
        f"scrypt${2**40}$8$1$00$00",
    ],
)
def test_a_damaged_hash_matches_nothing(kept: str) -> None:
    assert not matches("correct horse", kept)
