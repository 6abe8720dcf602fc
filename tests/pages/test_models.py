"""The Models page without a browser: what is in use, what else there is, a test on a photo."""

import pytest

from dlcr import stages
from dlcr.core.errors import DlcrError
from dlcr.core.registry import Spec
from dlcr.core.settings import Backends
from dlcr.inpaint.registry import INPAINTERS
from dlcr.jobs.board import Board
from dlcr.language.registry import CAPTIONERS, SUMMARISERS
from dlcr.parsing.registry import CLICKERS, PARSERS
from dlcr.reid.registry import BACKBONES
from pages import _text as text
from pages import models


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return stages.open_session(tmp_path_factory.mktemp("home"), Backends(device="cpu"))


def test_what_is_in_use_is_said_with_its_state(
    session: stages.Session, tmp_path_factory: pytest.TempPathFactory
) -> None:
    html = models.used(session)
    assert html.count(text.HERE) == 4
    assert "embedded" in html
    other = stages.open_session(
        tmp_path_factory.mktemp("other"), Backends(device="cpu", parser="schp:/nowhere/<b>.onnx")
    )
    html = models.used(other)
    assert text.NOT_HERE in html
    assert "<b>.onnx" not in html


def test_every_other_backend_is_one_that_can_be_named() -> None:
    tables = {
        "parser": PARSERS, "clicker": CLICKERS, "captioner": CAPTIONERS, "summariser": SUMMARISERS,
        "inpainter": INPAINTERS, "backbone": BACKBONES,
    }  # fmt: skip
    shown = models.others()
    for step, spec, _ in text.OTHER_BACKENDS:
        assert Spec.parse(spec).kind in tables[step]
        assert f"<code>{spec}</code>" in shown
    for step, table in tables.items():
        offered = {Spec.parse(spec).kind for one, spec, _ in text.OTHER_BACKENDS if one == step}
        assert set(table) - offered <= {"demo", "vote", "grabcut", "hf"}


def test_the_models_are_tried_one_after_the_other(session: stages.Session) -> None:
    seen = list(models.trials(session, Board(session.workspace, session.catalog), ""))
    assert [one[0] != "" for one in seen] == [True, True, True, False]
    final = seen[-1][1]
    assert final.count("<article") == 3
    for step in models.TRIED:
        assert text.STEP_NAMES[step] in final
    assert session.catalog.variants(session.catalog.find_samples("world", split="query", limit=1)[0].id) == []


@pytest.mark.parametrize("told", ["first", "-1", "99999999"])
def test_a_sample_that_is_none_is_told(session: stages.Session, told: str) -> None:
    with pytest.raises(DlcrError, match="sample|photo"):
        list(models.trials(session, Board(session.workspace, session.catalog), told))
