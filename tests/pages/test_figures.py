"""Figures to take along: files that open, with what they are to show, the same bytes each time; wrong addresses are told."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dlcr import stages, stages_figures, stages_first
from dlcr.core.values import Caption, Outfit
from pages import _figures
from pages._studio_figure import drawn_of
from tests.pages.looked import look_at

RETRIEVE = "/figure/retrieve.{kind}?dataset=small&run=a&other=b&protocol=cc&k=5&sample={sample}"
SPACE = "/figure/space.{kind}?dataset=small&run=a&other=b&method=pca&people=5"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return look_at(tmp_path_factory.mktemp("figures"))


@pytest.fixture(scope="module")
def client(session: stages.Session) -> TestClient:
    return TestClient(Starlette(routes=_figures.routes(session)))


@pytest.fixture(scope="module")
def query(session: stages.Session) -> int:
    return session.catalog.every_sample("small", "query")[0].id


def svg_of(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert client.get(address).content == answer.content
    return answer.text


def test_a_retrieval_has_a_framed_picture_for_every_answer_of_both_runs(client: TestClient, query: int) -> None:
    svg = svg_of(client, RETRIEVE.format(kind="svg", sample=query))
    assert svg.count("<image ") == 2 * (1 + 5)
    dashed = len(re.findall(r"stroke-dasharray", svg))
    right, wrong = svg.count("#1a7f37"), svg.count("#cf222e")
    assert (right + wrong) == 2 * 5 * 4  # four sides each
    assert dashed == wrong  # not told by colour alone


def test_a_space_has_a_point_for_every_photo_of_the_people_drawn(
    client: TestClient, session: stages.Session, query: int
) -> None:
    svg = svg_of(client, SPACE.format(kind="svg"))
    samples = [*session.catalog.every_sample("small", "query"), *session.catalog.every_sample("small", "gallery")]
    people = len({sample.pid for sample in samples})
    uses = len(re.findall(r"<use xlink:href=\"#(?!DejaVu)", svg))
    assert people <= 5
    assert uses == 2 * len(samples) + people  # and one of each person in the legend


def test_variants_stand_beside_their_photo_and_mask(client: TestClient, query: int) -> None:
    svg = svg_of(client, f"/figure/variants.svg?sample={query}")
    assert svg.count("<image ") == 2 + 2  # of three one was rejected


@pytest.mark.filterwarnings("error:Glyph")
def test_a_chinese_name_is_drawn_in_its_own_letters(session: stages.Session) -> None:
    assert stages_figures.other_fonts(), "no Chinese font: apt-get install fonts-wqy-microhei"
    photo = np.zeros((64, 32, 3), np.uint8)
    seen = stages.Checks(3, 0.125, 0.25, Caption("", Outfit(())), None, 1.0)
    way = stages_first.Way("dlcr", photo, seen, 41.5)
    figure = stages_first.Dressed("small", "query", photo, "红色外套 | blue jeans", [way] * 3)
    assert stages_figures.first_figure(session, figure).startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def drawn(session: stages.Session, query: int) -> str:
    """The key of a figure of three ways to change the query's clothes."""
    photo = stages.sample_photo(session, session.catalog.sample(query))
    seen = stages.Checks(3, 0.125, 0.25, Caption("", Outfit(())), None, 1.0)
    ways = [stages_first.Way(name, photo[::-1], seen, 41.5) for name in stages_first.WAYS]
    return drawn_of(session).put(stages_first.Dressed("small", "query", photo, "red t-shirt | blue jeans", ways))


def test_three_ways_stand_beside_their_photo(client: TestClient, drawn: str) -> None:
    svg = svg_of(client, f"/figure/first.svg?key={drawn}")
    assert svg.count("<image ") == 1 + 3
    assert client.get(f"/figure/first.svg?key={drawn[::-1]}").status_code == 400


def test_the_bars_are_as_long_as_images_and_outfits_are_many(client: TestClient, session: stages.Session) -> None:
    from matplotlib.figure import Figure

    found = session.catalog.coverage("small", "query")
    photos = len(session.catalog.every_sample("small", "query"))
    assert found.growth() == ((photos, 2), (8, 1))  # of three variants one was rejected; all have one prompt
    sheet = Figure(layout="constrained")
    stages_figures.draw_growth(sheet, found)
    lengths = [[bar.get_width() for bar in axes.patches] for axes in sheet.axes]
    assert lengths == [[photos, photos, 2], [8, 8, 1]]
    assert svg_of(client, "/figure/growth.svg?dataset=small&split=query")


@pytest.mark.parametrize("name", ["retrieve", "space", "variants", "first", "growth"])
def test_as_png_they_open_and_are_fit_for_print(client: TestClient, query: int, drawn: str, name: str) -> None:
    address = {
        "retrieve": RETRIEVE, "space": SPACE, "variants": "/figure/variants.{kind}?sample={sample}",
        "first": "/figure/first.{kind}?key={key}", "growth": "/figure/growth.{kind}?dataset=small&split=query",
    }[name]  # fmt: skip
    answer = client.get(address.format(kind="png", sample=query, key=drawn))
    picture = np.array(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert min(picture.shape) >= 300
    assert picture.std() > 10
    assert f"{name}.png" in answer.headers["content-disposition"]


def test_what_cannot_be_drawn_is_told(client: TestClient, query: int) -> None:
    assert client.get("/figure/variants.svg?sample=999999").status_code == 404
    for address in (
        f"/figure/variants.pdf?sample={query}",
        "/figure/variants.svg",
        f"/figure/variants.svg?sample={query + 1}",
        "/figure/retrieve.svg?dataset=small&run=a",
        "/figure/growth.svg?dataset=small&split=moon",
    ):
        answer = client.get(address)
        assert answer.status_code == 400, address
        assert answer.text
