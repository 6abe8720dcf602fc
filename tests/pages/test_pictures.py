"""Pictures by id: right sizes, cacheable, nothing for an id that is not there, never by path."""

import io

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dlcr import stages
from pages._pictures import THUMB, routes


@pytest.fixture(scope="module")
def client(session: stages.Session) -> TestClient:
    return TestClient(Starlette(routes=routes(session)))


def test_a_sample_is_served_losslessly_and_its_thumbnail_small(client: TestClient, session: stages.Session) -> None:
    photo = stages.sample_photo(session, session.catalog.sample(1))
    whole = Image.open(io.BytesIO(client.get("/picture/sample/1").content))
    assert (whole.format, whole.size) == ("PNG", photo.shape[1::-1])
    thumb = Image.open(io.BytesIO(client.get("/picture/sample/1/thumb").content))
    assert max(thumb.size) <= THUMB


def test_a_picture_seen_before_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/picture/sample/2").headers["etag"]
    answer = client.get("/picture/sample/2", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/picture/sample/99999999", "/picture/mask/5", "/picture/variant/5", "/lineage/variant/5",
             "/picture/sample/../1", "/picture/sample/%2e%2e%2fetc%2fpasswd", "/picture/sample/-1"],
)  # fmt: skip
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
