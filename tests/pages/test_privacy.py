"""Privacy mode: no route, page or file shows a face. The faces here have light and dark checks that blurring takes away."""

import ast
import base64
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

import app
import pages
from dlcr import stages, stages_figures, stages_first, stages_release
from dlcr.core.images import png_bytes, read_photo, veiled, write_png
from dlcr.core.values import Box, Caption, Outfit, Variant
from dlcr.data import world_root
from dlcr.jobs.board import Board
from dlcr.parsing.head import head, head_box
from dlcr.parsing.segmenter import load_demo
from dlcr.stages_embed import embed
from dlcr.stages_look import galleries_of
from dlcr.stages_privacy import shown, veil
from pages import _report, _retrieve_desk, _studio_figure, models

FACE = (slice(24, 56), slice(48, 80))
"""Where the head is and the checks are: rows and columns of photos of 256x128."""
HARMLESS = {
    "/picture/mask/{id:int}", "/lineage/variant/{id:int}", "/points/{key}", "/plotly.min.js", "/run/{name}.zip",
    "/figure/space.{kind}", "/figure/growth.{kind}",
}  # fmt: skip
"""Routes without a photo in what they give: masks, numbers, scripts, networks, points."""
RUN = "world-dlcr"


def checks(photo: np.ndarray) -> np.ndarray:
    """The photo moved so that the head is at `FACE`, and there half as it was, half checks four pixels wide."""
    box = head_box(load_demo().parse(photo))
    assert box is not None
    down, right = FACE[0].start + 16 - (box.y0 + box.y1) // 2, FACE[1].start + 16 - (box.x0 + box.x1) // 2
    room = max(abs(down), abs(right))
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]]
    out = np.pad(photo, [(room, room), (room, room), (0, 0)], "edge")[rows + room - down, columns + room - right]
    out[FACE] = out[FACE] // 2 + np.where((rows // 4 + columns // 4) % 2, 127, 0)[FACE][..., None].astype(np.uint8)
    return out


def detail(picture: np.ndarray) -> float:
    """How much brightness goes up and down where the checks are, whatever size the whole photo is shown in; 0 to 255."""
    grey = np.asarray(Image.fromarray(picture).convert("L").resize((128, 256), Image.Resampling.BILINEAR), float)
    return float(np.abs(np.diff(grey[FACE], axis=1)).mean() * 4)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person crop with a face of checks as query, gallery and train photos, by two cameras."""
    root = tmp_path_factory.mktemp("faces") / "rgb"
    people = sorted((world_root() / "rgb" / "train").iterdir())[:2]
    for number, person in enumerate(people):
        photos = sorted(person.glob("A*"))[:2]
        for place in (f"train/{number}", f"test/A/{number}", f"test/B/{number}", f"test/C/{number}"):
            for shot, photo in enumerate(photos):
                name = f"A_{shot}.png" if place.startswith("train") else f"{shot}.png"
                write_png(root / place / name, checks(read_photo(photo)))
    (root / "val").mkdir()
    return root.parent


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, files: Path) -> stages.Session:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCR_PRIVACY", "1")
        found = stages.open_session(tmp_path_factory.mktemp("home"))
    assert found.privacy
    stages.index(found, files, "prcc", "faces")
    embed(found, "faces", RUN)
    for sample in found.catalog.find_samples("faces", limit=99):
        photo = stages.sample_photo(found, sample)
        mask = np.zeros(photo.shape[:2], bool)
        mask[80:180, 40:88] = True
        kept = stages.keep_mask(found, sample.id, mask, "test")
        dressed = np.where(mask[..., None], np.uint8(90), photo)
        told = {"engine": {"model": "test"}, "mask": {"digest": kept.digest}}
        stages.keep_variant(found, sample.id, kept.id, Variant(dressed, "grey", 1, told))
    return found


@pytest.fixture(scope="module")
def query(session: stages.Session) -> int:
    return session.catalog.find_samples("faces", split="query", limit=1)[0].id


@pytest.fixture(scope="module")
def addresses(session: stages.Session, query: int) -> dict[str, str]:
    """An example of every route that gives pictures."""
    variant = session.catalog.variants(query)[0].id
    photo = stages.sample_photo(session, session.catalog.sample(query))
    seen = stages.Checks(0, 0.0, 0.0, Caption("", Outfit(())), None, 1.0)
    dressed = stages_first.Dressed(
        "faces", "train", photo, "red", [stages_first.Way(one, photo, seen, 1.0) for one in stages_first.WAYS]
    )
    view = f"dataset=faces&run={RUN}&protocol=cc&k=5&sample={query}"
    return {
        "/picture/sample/{id:int}": f"/picture/sample/{query}",
        "/picture/sample/{id:int}/thumb": f"/picture/sample/{query}/thumb",
        "/picture/variant/{id:int}": f"/picture/variant/{variant}",
        "/picture/variant/{id:int}/thumb": f"/picture/variant/{variant}/thumb",
        "/picture/variant/{id:int}/file": f"/picture/variant/{variant}/file",
        "/figure/variants.{kind}": f"/figure/variants.svg?sample={query}",
        "/figure/retrieve.{kind}": f"/figure/retrieve.svg?{view}",
        "/figure/first.{kind}": f"/figure/first.svg?key={_studio_figure.drawn_of(session).put(dressed)}",
        "/report/case.html": f"/report/case.html?{view}",
    }


def pictures(body: bytes) -> Iterator[np.ndarray]:
    """The photos in an answer: itself, or those in an SVG or a page; masks, in grey, are left out."""
    found = re.findall(rb"data:image/\w+;base64,([^\"']+)", body) if body[:1] == b"<" else [base64.b64encode(body)]
    assert found
    for one in found:
        picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB"))
        picture = picture[::-1] if b"<svg" in body else picture  # matplotlib stores them upside down
        if (picture.max(axis=2) > picture.min(axis=2)).any():
            yield picture


def test_every_route_of_the_app_is_looked_at_here(session: stages.Session, addresses: dict[str, str]) -> None:
    assert {route.path for route in app.routes(session, None)} == {*addresses, *HARMLESS}


def test_no_route_gives_a_face_and_without_privacy_each_does(
    session: stages.Session, addresses: dict[str, str]
) -> None:
    open_to_all = replace(session, privacy=False)
    hidden, seen = (TestClient(Starlette(routes=app.routes(one, None))) for one in (session, open_to_all))
    for address in addresses.values():
        assert all(detail(picture) < 25 for picture in pictures(hidden.get(address).content)), address
        assert any(detail(picture) > 100 for picture in pictures(seen.get(address).content)), address


def test_a_browser_that_saw_the_face_is_sent_the_blurred_picture(
    session: stages.Session, addresses: dict[str, str]
) -> None:
    seen = TestClient(Starlette(routes=app.routes(replace(session, privacy=False), None)))
    hidden = TestClient(Starlette(routes=app.routes(session, None)))
    for address in addresses.values():
        tag = seen.get(address).headers.get("etag", "")
        assert hidden.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_a_variant_to_take_along_has_no_lineage_that_it_would_not_keep(
    session: stages.Session, addresses: dict[str, str]
) -> None:
    client = TestClient(Starlette(routes=app.routes(session, None)))
    file = client.get(addresses["/picture/variant/{id:int}/file"]).content
    assert "dlcr" not in Image.open(io.BytesIO(file)).info


def test_a_report_may_be_blurred_where_pages_are_not(session: stages.Session, query: int) -> None:
    view = f"dataset=faces&run={RUN}&protocol=cc&k=5&sample={query}"
    open_to_all = replace(session, privacy=False)
    assert all(
        detail(one) < 25 for one in pictures(_report.case_report(open_to_all, f"{view}&faces=blur").encode("utf-8"))
    )


def test_pictures_that_pages_make_themselves_have_no_face(session: stages.Session, query: int) -> None:
    row = session.catalog.sample(query)
    photo = stages.sample_photo(session, row)
    seen = stages.Checks(0, 0.0, 0.0, Caption("", Outfit(())), None, 1.0)
    ways = [stages_first.Way(name, photo, seen, 0.0) for name in stages_first.WAYS]
    html = _studio_figure.shown(session, stages_first.Dressed("faces", "train", photo, "red t-shirt", ways))
    assert len(list(pictures(html.encode()))) == 3
    assert all(detail(one) < 25 for one in pictures(html.encode()))
    *_, (_, html, _) = models.trials(session, Board(session.workspace, session.catalog), str(query))
    assert len([detail(one) < 25 for one in pictures(html.encode())]) == 3
    assert all(detail(one) < 25 for one in pictures(html.encode()))


def test_pages_take_photos_from_nowhere_else() -> None:
    """Reading photos is for computing only, in the named functions; pictures made for the browser come veiled or are masks."""
    reads, draws = set(), set()
    for file in sorted(Path(pages.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            names = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
            names |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            if names & {"read_photo", "sample_photo", "variant_image"}:
                reads.add((file.stem, node.name))
            if names & {"data_url", "png_bytes", "jpeg_bytes"} and not names & {"stages_privacy"}:
                draws.add((file.stem, node.name))
    assert reads == {
        ("_api", "build"), ("_api", "paint"), ("_studio_desk", "open_sample"), ("_report", "put"), ("_report", "_inlined"),
        ("models", "_trials"),
    }  # fmt: skip
    assert draws == {
        ("_widgets", "data_url"), ("_studio_view", "editor_value"),  # masks and labels
        ("_pictures", "mask"), ("_studio_paint", "_preview"),  # none in privacy mode
        ("_studio_figure", "_panel"), ("models", "_card"), ("_retrieve_saliency", "_run"),  # given what may be shown
    }  # fmt: skip


def test_a_release_keeps_faces_or_not_as_it_is_told(session: stages.Session, tmp_path: Path) -> None:
    stages_release.export_release(session, "faces", tmp_path / "kept")
    stages_release.export_release(session, "faces", tmp_path / "blurred", change=lambda one: veil(session, one))
    for name, least, most in (("kept", 100, 255), ("blurred", 0, 25)):
        strips = sorted((tmp_path / name).rglob("*.png"))
        assert len(strips) == len(session.catalog.find_samples("faces", limit=99))
        assert all(least <= detail(read_photo(one)) <= most for one in strips)


def test_what_is_stored_stays_as_it_was(session: stages.Session, files: Path, query: int) -> None:
    for row in (session.catalog.sample(query), *session.catalog.find_samples("faces", limit=99)):
        assert detail(read_photo(row.path)) > 100
        (variant,) = session.catalog.variants(row.id)
        assert detail(read_photo(session.workspace.home / variant.file)) > 100


def test_heads_of_the_embedded_set_are_covered_and_the_rest_is_left(session: stages.Session) -> None:
    for row in session.catalog.find_samples("world", limit=2000)[::200]:
        photo = stages.sample_photo(session, row)
        picture, where = shown(session, photo), head(session.parser.parse(photo))
        changed = (picture != photo).any(axis=2)
        assert changed[where].mean() > 0.9
        assert changed.mean() < 0.3


def test_where_no_head_is_found_more_is_blurred_not_less(session: stages.Session) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (128, 64, 3), np.uint8)
    changed = (shown(session, noise) != noise).any(axis=2)
    assert changed[:64].mean() > 0.9
    assert not changed[64:].any()
    wide = np.random.default_rng(0).integers(0, 256, (100, 200, 3), np.uint8)
    assert (shown(session, wide) != wide).any(axis=2).mean() > 0.9


def test_so_few_spots_are_left_that_two_faces_are_one() -> None:
    rng = np.random.default_rng(1)
    one, other = (rng.integers(0, 256, (40, 30, 3), np.uint8) for _ in range(2))
    whole = Box(-2, 0, 30, 99)
    left, right = (veiled(face, whole, 3).astype(int) for face in (one, other))
    assert np.abs(left - right).mean() < 15 < 60 < np.abs(one.astype(int) - other).mean()
    assert np.array_equal(veiled(one, Box(50, 50, 60, 60), 3), one)
    assert png_bytes(veiled(one, Box(5, 5, 10, 10), 3)) != png_bytes(one)


def test_a_figure_of_answers_has_the_blurred_faces(session: stages.Session, query: int) -> None:
    desk = _retrieve_desk.read_address(session, f"dataset=faces&run={RUN}&protocol=cc&k=5&sample={query}")
    _, found = _retrieve_desk.asked(galleries_of(session), desk)
    svg = stages_figures.retrieval_figure(session, desk.runs, [found], "svg")
    assert len(list(pictures(svg))) == 1 + len(found[0].samples)
