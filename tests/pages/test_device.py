"""The line of people who paint: first come, first served by person, and nobody fills it."""

import threading
from pathlib import Path

import pytest

from dlcr import stages
from dlcr.catalog.jobs import GUEST
from dlcr.core.errors import Cancelled, UsageError
from dlcr.core.settings import Backends
from dlcr.jobs.board import Board
from dlcr.jobs.devices import lease_of
from dlcr.jobs.guest import Guest
from pages import _device as device
from pages import _text as text
from pages import models
from pages._device import Line, Waiter
from pages._widgets import say


def order(line: Line, turns: list[device.Turn]) -> list[device.Turn]:
    """In which order turns are served if each leaves when it was."""
    served, left = [], list(turns)
    while left:
        (now,) = [turn for turn in left if line.ahead(turn) == 0]
        served.append(now)
        left.remove(now)
        line.leave(now)
    return served


def test_everybodys_first_order_comes_before_anybodys_second() -> None:
    line = Line()
    a1, a2, a3 = (line.join("a") for _ in range(3))
    assert line.ahead(a1) == 0  # is served now, and stays so whoever comes
    b1, c1, b2 = line.join("b"), line.join("c"), line.join("b")
    assert [line.ahead(turn) for turn in (a1, b1, c1, a2, b2, a3)] == [0, 1, 2, 3, 4, 5]
    assert order(line, [a1, a2, a3, b1, c1, b2]) == [a1, b1, c1, a2, b2, a3]


def test_one_person_cannot_fill_the_line_and_may_come_back() -> None:
    line = Line()
    turns = [line.join("a") for _ in range(device.MOST_EACH)]
    with pytest.raises(UsageError, match="in the line already"):
        line.join("a")
    line.join("b")
    line.leave(turns[0])
    assert line.join("a") is not None
    assert len(line) == device.MOST_EACH + 1


def test_of_two_threads_one_is_served_at_a_time_and_the_other_is_told_its_place(
    session: stages.Session, board: Board
) -> None:
    done, inside, said = [], threading.Event(), []
    with device.served(session, board, Waiter("a")) as first:
        assert list(device.wait(session, board, Waiter("a"), first)) == []

        def other() -> None:
            waiter = Waiter("b")
            with device.served(session, board, waiter) as turn:
                for one in device.wait(session, board, waiter, turn):
                    said.append(one)
                    inside.set()
                done.append("b")

        thread = threading.Thread(target=other)
        thread.start()
        assert inside.wait(60)
        assert done == []
        assert text.IN_LINE.format(ahead=1, count=2) in said[0]
        assert text.PAINTING_NOW.format(count=2) in device.panel(session, board)
    thread.join(60)
    assert done == ["b"]
    assert device.panel(session, board) == ""


def test_who_gives_up_leaves_the_line(session: stages.Session, board: Board) -> None:
    waiter = Waiter("a")
    waiter.stop.set()
    with pytest.raises(Cancelled), device.served(session, board, waiter) as turn:
        list(device.wait(session, board, waiter, turn))
    assert len(device.line_of(session)) == 0


def test_a_job_that_does_not_run_cannot_be_asked(board: Board, tmp_path: Path) -> None:
    queued = board.submit(["index", "--name=x", "--", str(tmp_path)], "index x").row.id
    with pytest.raises(UsageError, match="does not run"):
        device.ask(board, Waiter("a"), queued)
    board.cancel(queued)


def test_on_a_gpu_who_paints_holds_it_until_nobody_is_in_the_line(tmp_path: Path) -> None:
    session = stages.open_session(tmp_path / "home", Backends(device="cuda:0"))
    board, a, b = Board(session.workspace, session.catalog), Waiter("a"), Waiter("b")
    catalog, lease = session.catalog, lease_of("cuda:0")
    with device.served(session, board, b):
        with device.served(session, board, a):
            assert catalog.leases() == {}, "nobody is served yet"
        assert catalog.leases() == {}
    with device.served(session, board, a) as first:
        assert list(device.wait(session, board, a, first)) == []
        assert list(catalog.leases()) == [lease]
        waiting = device.line_of(session).join("b")
    (holder,) = catalog.leases().values()
    assert text.DEVICE_PAINTS.format(device=lease) in models.used(session)
    device.hold_of(session, board).leave(device.line_of(session), waiting)
    assert holder.startswith(GUEST)
    assert (catalog.leases(), catalog.workers()) == ({}, [])


def test_what_another_program_holds_is_waited_for(tmp_path: Path) -> None:
    session = stages.open_session(tmp_path / "home", Backends(device="cuda:0"))
    board, waiter = Board(session.workspace, session.catalog), Waiter("a")
    other = Guest(Board.open(tmp_path / "home"))
    assert other.take(lease_of("cuda:0") or "")
    with pytest.raises(UsageError, match="Another program"), device.served(session, board, waiter) as turn:
        list(device.wait(session, board, waiter, turn, patient=False))
    done = iter(["painted"])
    told = []
    for one in device.in_turn(session, board, waiter, done, lambda said: said):
        told.append(one)
        other.release()
    assert told == [say(text.DEVICE_TAKEN), "painted"]
    assert session.catalog.leases() == {}
