"""Three people for twenty seconds: nothing fails, nobody sees what is another's. `make load` takes twenty and ten minutes."""

from pathlib import Path

from tools.load.__main__ import load


def test_three_people_at_once(tmp_path: Path) -> None:
    found = load(tmp_path, 3, 20.0)
    assert (found.errors, found.leaks) == ([], [])
    assert {"open", "browse", "picture", "page", "upload", "prompt", "own", "train"} <= set(found.done)
    assert found.training in ("queued", "running", "done")
    assert all(size > 0 for _, size in found.memory)
