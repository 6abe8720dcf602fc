"""The app's calls by name, from a real client: what docs/api.md promises."""

import io
import re
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from dlcr.inpaint.lineage import read_variant

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


def picture(address: str, path: str) -> np.ndarray:
    with urllib.request.urlopen(address.rstrip("/") + path) as answer:
        return np.array(Image.open(io.BytesIO(answer.read())).convert("RGB"))


def test_the_documents_example_paints_and_retrieves(client: Client, address: str, tmp_path: Path) -> None:
    code = re.search(r"```python[^\n]*\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert code
    names: dict = {}
    exec(code[1].replace("http://127.0.0.1:7860", address), names)
    first, variants, answers = names["first"], names["variants"], names["answers"]
    assert first["split"] == "query"
    photo = picture(address, first["picture"])
    assert len(variants) == 2
    for one in variants:
        painted = picture(address, one["picture"])
        assert painted.shape == photo.shape
        assert one["outside_changed"] == 0
        assert (painted != photo).any()
    with urllib.request.urlopen(address.rstrip("/") + variants[0]["picture"]) as answer:
        (tmp_path / "variant.png").write_bytes(answer.read())
    assert read_variant(tmp_path / "variant.png").seed == variants[0]["seed"] == 7
    assert [one["score"] for one in answers] == sorted((one["score"] for one in answers), reverse=True)
    assert all((one["flag"] == "right") == (one["pid"] == first["pid"]) for one in answers)
    assert [one["rank"] for one in answers] == list(range(5))


def test_only_what_is_documented_can_be_called(client: Client) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == set(re.findall(r"^\| `(/\w+)`", DOCUMENT.read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("call", "arguments", "said"),
    [
        ("/samples", ("nowhere", "", -1, 5), "nowhere"),
        ("/samples", ("world", "", -1, 0), "limit must be between 1 and 1000"),
        ("/paint", (999999, "red t-shirt", 1, 7, 4), "999999"),
        ("/paint", (1, "mist", 1, 7, 4), "mist|understand|clothes"),
        ("/retrieve", (1, "no-such-run", "cc", 5), "no-such-run"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(client: Client, call: str, arguments: tuple, said: str) -> None:
    with pytest.raises(AppError, match=said) as caught:
        client.predict(*arguments, api_name=call)
    assert "Traceback" not in str(caught.value)
