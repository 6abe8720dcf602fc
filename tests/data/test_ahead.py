"""Working ahead changes neither order nor errors, and stops with its user."""

from collections.abc import Iterator

import pytest

from dlcr.data.ahead import ahead


def test_items_come_in_order():
    assert list(ahead(iter(range(1000)), most=3)) == list(range(1000))


def test_an_error_comes_in_its_place():
    def failing() -> Iterator[int]:
        yield from range(5)
        raise KeyError("five")

    items = ahead(failing())
    assert [next(items) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(KeyError, match="five"):
        next(items)


def test_a_user_that_leaves_stops_the_work():
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    items = ahead(endless(), most=2)
    assert next(items) == 0
    items.close()
    count = len(made)
    assert count < 10
    assert len(made) == count
