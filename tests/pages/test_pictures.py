"""Pictures by id: right sizes, cacheable, nothing for an id that is not there, never by path."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dlcr import stages
from dlcr.core.images import fit, write_png
from dlcr.core.values import Sample
from pages._pictures import THUMB, routes


@pytest.fixture(scope="module")
def client(session: stages.Session) -> TestClient:
    return TestClient(Starlette(routes=routes(session)))


def test_a_sample_is_served_losslessly_and_its_thumbnail_small(client: TestClient, session: stages.Session) -> None:
    photo = stages.sample_photo(session, session.catalog.sample(1))
    whole = Image.open(io.BytesIO(client.get("/picture/sample/1").content))
    assert (whole.format, whole.size) == ("PNG", photo.shape[1::-1])
    thumb = Image.open(io.BytesIO(client.get("/picture/sample/1/thumb").content))
    assert (thumb.format, max(thumb.size) <= THUMB) == ("JPEG", True)
    near = np.asarray(thumb, int) - fit(photo, THUMB).astype(int)
    assert np.abs(near).mean() < 4


def test_a_picture_seen_before_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/picture/sample/2").headers["etag"]
    answer = client.get("/picture/sample/2", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_photo_that_changed_is_sent_again_and_one_that_went_is_told(
    client: TestClient, session: stages.Session, tmp_path: Path
) -> None:
    file = write_png(tmp_path / "photos" / "1_a.png", np.full((40, 20, 3), 9, np.uint8))
    row = session.catalog.put_dataset("changing", str(file.parent), "folder")
    session.catalog.put_samples(row.id, [Sample(Path(file.name), "train", 1, 0, "a")])
    path = f"/picture/sample/{session.catalog.find_sample('changing', file.name).id}/thumb"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    write_png(file, np.full((41, 20, 3), 200, np.uint8))
    answer = client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, np.asarray(Image.open(io.BytesIO(answer.content))).mean() > 190) == (200, True)
    file.unlink()
    assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 410


@pytest.mark.parametrize(
    "path", ["/picture/sample/99999999", "/picture/mask/99999", "/picture/variant/99999", "/lineage/variant/99999",
             "/picture/sample/../1", "/picture/sample/%2e%2e%2fetc%2fpasswd", "/picture/sample/-1"],
)  # fmt: skip
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
