import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from PIL import Image

Make = Callable[[Iterable[str]], Path]


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (24, 32), (200, 30, 30)).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Lays small pictures at the given relative paths, in a folder whose parents look like labels."""

    def lay(names: Iterable[str]) -> Path:
        root = tmp_path / "9999_c9" / "rgb" / "test" / "C" / "set"
        root.mkdir(parents=True)
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(picture())
        return root

    return lay
