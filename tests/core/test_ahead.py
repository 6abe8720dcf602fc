import threading
import time

import pytest

from dlcr.core.ahead import ahead


def test_items_keep_their_order_and_few_are_made_ahead():
    made = []

    def items():
        for i in range(50):
            made.append(i)
            yield i

    for i, item in enumerate(ahead(items(), 3)):
        assert item == i
        assert len(made) <= i + 6  # three wait, one in each hand
    assert made == list(range(50))


def test_an_error_comes_after_what_was_made_before_it():
    def items():
        yield 1
        raise ValueError("broken")

    found = ahead(items(), 2)
    assert next(found) == 1
    with pytest.raises(ValueError, match="broken"):
        next(found)


def test_who_stops_reading_stops_the_thread():
    found = ahead(iter(int, 1), 2)
    assert next(found) == 0
    found.close()
    deadline = time.monotonic() + 5
    while any(thread.name == "ahead" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
