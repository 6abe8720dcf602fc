import threading

import pytest

from dlcr.inpaint.writer import Writer


def test_results_come_in_order_and_each_once():
    with Writer(threads=3, waiting=4) as writer:
        done = [one for i in range(50) for one in writer.submit(lambda i=i: i)]
        done += writer.drain()
    assert done == list(range(50))


def test_the_queue_is_bounded():
    gate, started = threading.Event(), []

    def slow(i):
        started.append(i)
        gate.wait(5)
        return i

    with Writer(threads=1, waiting=2) as writer:
        assert [writer.submit(lambda i=i: slow(i)) for i in range(2)] == [[], []]
        threading.Timer(0.05, gate.set).start()
        assert writer.submit(lambda: slow(2))[:1] == [0]  # waited for the first
        writer.drain()
    assert started == [0, 1, 2]


def test_an_error_is_raised_and_not_lost():
    def work():
        with Writer() as writer:
            writer.submit(lambda: 1 / 0)
            writer.drain()

    with pytest.raises(ZeroDivisionError):
        work()
