"""The case report: one file that needs nothing else, with the pictures that the page shows."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dlcr import stages
from dlcr.core.errors import CatalogError, UsageError
from pages import _report
from tests.pages.looked import look_at

ADDRESS = "dataset=small&run=a&other=b&protocol=cc&k=5&refine=1&sample="


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return look_at(tmp_path_factory.mktemp("report"))


def test_everything_is_inside_and_nothing_of_this_machine(session: stages.Session) -> None:
    query = session.catalog.every_sample("small", "query")[0]
    report = _report.case_report(session, f"{ADDRESS}{query.id}")
    assert not re.findall(r'(?:src|href)="(?!data:)', report)
    assert "<button" not in report
    assert "<script" not in report
    assert str(session.workspace.home) not in report
    assert str(query.root) not in report
    pictures = [Image.open(io.BytesIO(base64.b64decode(one))) for one in re.findall(r"base64,([^\"]+)", report)]
    assert len(pictures) == 1 + 2 * 5 + 2 * 2 + 3  # the query, two runs' answers, twice the voters, the variants
    shown, photo = np.array(pictures[0].convert("RGB")), stages.sample_photo(session, query)
    assert np.corrcoef(shown.ravel(), photo.ravel())[0, 1] > 0.9  # a JPEG of what is mostly noise
    assert report.count('class="tile ') == 10
    for said in ("person", "a: rank-1", "b: rank-1", "epochs", "other clothes", "rejected"):
        assert said in report


def test_what_names_no_query_is_told(session: stages.Session) -> None:
    with pytest.raises(UsageError, match="no query"):
        _report.case_report(session, "dataset=small&run=a")
    with pytest.raises((UsageError, CatalogError), match="999999"):
        _report.case_report(session, f"{ADDRESS}999999")


def test_words_of_others_are_escaped(session: stages.Session) -> None:
    query = session.catalog.every_sample("small", "query")[1]
    mask = stages.keep_mask(session, query.id, np.ones((64, 32), bool), "test").id
    file = session.workspace.variants / str(query.id) / "1.png"
    file.parent.mkdir(parents=True)
    Image.fromarray(np.zeros((64, 32, 3), np.uint8)).save(file)
    name = file.relative_to(session.workspace.home)
    session.catalog.add_variant(query.id, mask, name, "<script>alert(1)</script>", 1, "test", {})
    assert "<script" not in _report.case_report(session, f"{ADDRESS}{query.id}")
