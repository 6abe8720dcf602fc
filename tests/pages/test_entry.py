"""Sessions: signed, ending in time, with the password and with the sign-out; wrong passwords make the next try wait."""

import base64
import json
from pathlib import Path

import pytest

from dlcr.core.accounts import Accounts
from pages._entry import HOURS, PER_ADDRESS, PER_USER, SECRET, VARIABLE, WINDOW, Entry, Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    found = Accounts(tmp_path_factory.mktemp("home") / "users.json")
    found.add("ann", "correct horse")
    return found


def signed(entry: Entry) -> str:
    token = entry.sign_in("ann", "correct horse", "10.0.0.1")
    assert isinstance(token, str)
    return token


def test_a_session_lasts_its_hours_here_and_after_a_restart(accounts: Accounts, tmp_path: Path) -> None:
    clock = Clock()
    token = signed(Entry(tmp_path, accounts, clock))
    assert (tmp_path / SECRET).stat().st_mode & 0o777 == 0o600
    again = Entry(tmp_path, accounts, clock)
    assert again.user(token) == "ann"
    clock.now += HOURS * 3600 - 1
    assert again.user(token) == "ann"
    clock.now += 2
    assert again.user(token) is None


def test_a_session_that_was_ended_stays_ended(accounts: Accounts, tmp_path: Path) -> None:
    entry = Entry(tmp_path, accounts)
    token, other = signed(entry), signed(entry)
    entry.sign_out(token)
    assert [one.user(token) for one in (entry, Entry(tmp_path, accounts))] == [None, None]
    assert Entry(tmp_path, accounts).user(other) == "ann"


def test_another_password_ends_the_sessions(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "users.json")
    accounts.add("ann", "correct horse")
    entry = Entry(tmp_path, accounts)
    token = signed(entry)
    accounts.add("ann", "battery staple")
    assert entry.user(token) is None


def test_a_token_of_another_secret_is_none(accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed(Entry(tmp_path, accounts))
    monkeypatch.setenv(VARIABLE, "of the environment")
    entry = Entry(tmp_path / "other", accounts)
    assert entry.user(token) is None
    assert entry.user(signed(entry)) == "ann"
    assert not (tmp_path / "other" / SECRET).exists()


def test_what_was_changed_in_a_token_makes_it_none(accounts: Accounts, tmp_path: Path) -> None:
    entry = Entry(tmp_path, accounts)
    token = signed(entry)
    body, _, sign = token.partition(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(told | {"user": "bob"}).encode()).decode().rstrip("=")
    changed = [
        f"{forged}.{sign}",
        f"{body}.",
        body,
        f"{body}.{sign[:-1]}",
        f"{body}.{'0' * 64}",
        f".{sign}",
        "",
        ".",
        "é.é",
        "\ud800.x",
        token + "0",
    ]
    assert [entry.user(one) for one in [*changed, None]] == [None] * 12
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        assert entry.user(token[:place] + other + token[place + 1 :]) is None


def test_guessing_waits_whoever_guesses(accounts: Accounts, tmp_path: Path) -> None:
    entry = Entry(tmp_path, accounts)
    tries = [entry.sign_in("ann", f"guess {n}", f"10.1.{n}.1") for n in range(PER_USER + 3)]
    assert tries[:PER_USER] == [0.0] * PER_USER
    assert all(isinstance(wait, float) and 0 < wait <= WINDOW for wait in tries[PER_USER:])
    assert isinstance(entry.sign_in("ann", "correct horse", "10.9.9.9"), float), (
        "a right password waits too: it could be the guess"
    )


def test_one_address_waits_whatever_names_it_tries() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for n in range(PER_ADDRESS):
        assert throttle.wait("10.0.0.1", f"user{n}") == 0
        throttle.tell("10.0.0.1", f"user{n}", False)
    assert throttle.wait("10.0.0.1", "ann") == pytest.approx(WINDOW)
    assert throttle.wait("10.0.0.2", "ann") == 0
    clock.now += WINDOW + 1
    assert throttle.wait("10.0.0.1", "ann") == 0


def test_a_household_of_ipv6_is_one_address() -> None:
    throttle = Throttle(Clock())
    for n in range(PER_ADDRESS):
        throttle.tell(f"2001:db8::{n:x}", "ann" if n < 5 else f"user{n}", False)
    assert (throttle.wait("2001:db8::ffff", "eve") > 0, throttle.wait("2001:db8:0:1::1", "eve")) == (True, 0)


def test_who_guesses_at_a_name_does_not_lock_its_owner_out(accounts: Accounts, tmp_path: Path) -> None:
    entry = Entry(tmp_path, accounts)
    signed(entry)
    for n in range(PER_USER):
        entry.throttle.tell(f"10.1.{n}.1", "ann", False)
    assert isinstance(entry.sign_in("ann", "correct horse", "10.1.1.1"), float)
    assert entry.user(signed(entry)) == "ann"


def test_many_guessers_take_little_memory() -> None:
    throttle = Throttle(Clock())
    for n in range(30_000):
        throttle.tell(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", f"user{n}", False)
    assert len(throttle._wrong) <= 10_000
