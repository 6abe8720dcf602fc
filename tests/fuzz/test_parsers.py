"""A few hundred made-up examples for every parser of outside text or bytes; `make fuzz` gives them a hundred thousand."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.fuzz.parsers import PARSERS, tried

EXAMPLES = 300


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_answers_or_says_what_is_wrong(name: str, tmp_path: Path) -> None:
    read = PARSERS[name].open(tmp_path)

    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(PARSERS[name].told())
    def once(told: object) -> None:
        tried(read, told)

    once()


def test_the_fuzzer_sees_a_crash() -> None:
    def read(told: str) -> None:
        int(told)

    with pytest.raises(ValueError, match="invalid literal"):
        given(st.text(min_size=1, alphabet="x"))(lambda told: tried(read, told))()
