"""The line of people who paint: first come, first served by person, and nobody fills it."""

import threading
from pathlib import Path

import pytest

from dlcr import stages
from dlcr.core.errors import Cancelled, UsageError
from dlcr.jobs.board import Board
from pages import _device as device
from pages import _text as text
from pages._device import Line, Waiter


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
