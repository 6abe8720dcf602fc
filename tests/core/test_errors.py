import pytest

from dlcr.core import errors
from dlcr.core.errors import Cancelled, DlcrError

TREE = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DlcrError)]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_reads_as_one_line_of_what_and_remedy(kind: type[DlcrError]):
    error = kind("the disk is full.", "Free some space.")
    assert str(error) == "the disk is full. Free some space."
    assert (error.what, error.remedy) == ("the disk is full.", "Free some space.")
    assert str(kind("the disk is full.")) == "the disk is full."


def test_wrong_usage_exits_with_two_and_failure_with_one():
    codes = {kind.__name__: kind.exit_code for kind in TREE}
    assert {name for name, code in codes.items() if code == 2} == {"SettingError", "UsageError"}
    assert set(codes.values()) == {1, 2}


def test_every_error_stands_in_the_drawn_tree():
    assert [kind.__name__ for kind in TREE if kind.__name__ not in (errors.__doc__ or "")] == []


def test_cancelling_is_no_failure():
    assert not issubclass(Cancelled, DlcrError)
