"""Who has not signed in, and other sites: every route of Gradio's and the app's own turns them away."""

import re

import httpx
import pytest
from starlette.testclient import TestClient

from pages._entry import Entry
from pages._guard import OPEN
from tools.pictures import serve

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
FILLED = {
    "path": "x", "path_or_url": "etc/passwd", "url_path": "http://127.0.0.1/", "id": "1", "name": "world-cal",
    "kind": "png", "key": "x", "session_hash": "abc", "event_id": "abc", "api_name": "samples", "type": "x",
    "environment": "client", "file_name": "x.js",
}  # fmt: skip


def paths(client: TestClient) -> list[str]:
    """Every path that the app routes, its parameters filled."""
    own = client.app.routes  # type: ignore[attr-defined]
    included = [under for route in own if hasattr(route, "original_router") for under in route.original_router.routes]
    routed = sorted({route.path for route in (*own, *included) if hasattr(route, "path")})
    filled = [re.sub(r"\{(\w+)(:\w+)?\}", lambda found: FILLED.get(found[1], "1"), path) for path in routed]
    return [
        *filled,
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=https://example.org/",
        "/gradio_api/proxy=http://10.0.0.1/",
        "/nowhere",
    ]


def test_every_route_wants_to_know_who_asks(inside: TestClient) -> None:
    seen = 0
    for path in paths(inside):
        for method in METHODS:
            answer = inside.request(method, path, headers={"Accept": "*/*"})
            if path not in OPEN:
                assert answer.status_code == 401, f"{method} {path}"
                assert "Nobody is signed in" in answer.text or method == "HEAD"
                seen += 1
    assert seen > 600


@pytest.mark.parametrize("path", ["/login/", "/login/../", "//login", "/LOGIN", "/login;x", "/login%2f", "/login%00", "/./login/x",
                                  "/gradio_api/startup-events/../info", "/gradio_api/startup-events%2f"])  # fmt: skip
def test_nothing_but_the_open_paths_themselves_is_open(inside: TestClient, path: str) -> None:
    assert inside.get(path, headers={"Accept": "*/*"}).status_code in (401, 404)


@pytest.mark.parametrize(
    "cookie", ["", "x", "x.y", "None", "null", "0" * 4000, "a=b; c", '"', "é".encode().decode("latin-1")]
)
def test_a_made_up_cookie_opens_nothing(inside: TestClient, entry: Entry, cookie: str) -> None:
    name = entry.cookie
    for header in (f"{name}={cookie}", f"{name}={cookie}; {name}=", f"access-token={cookie}"):
        assert inside.get("/config", headers={"Cookie": header.encode("latin-1")}).status_code == 401


def test_a_browser_is_led_to_the_login_page_and_back(inside: TestClient) -> None:
    answer = inside.get("/retrieve?run=a&other=%22b", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=%2Fretrieve%3Frun%3Da%26other%3D%2522b",
    )


ELSEWHERE = [
    "//evil.org", "https://evil.org", "/\\evil.org", "\\\\evil.org", "/ /evil.org", "javascript:alert(1)", "", "evil",
    "/\t/evil.org", "///evil.org", "/x\r\nSet-Cookie: y", "/é",
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_leads_nowhere_else(inside: TestClient, wanted: str) -> None:
    page = inside.get("/login", params={"next": wanted}, headers={"Accept": "text/html"}).text
    assert 'name="next" value="/"' in page
    assert "<script" not in page


@pytest.mark.parametrize("host", ["evil.org/login?", "x/login#", "[", "a b", "evil@127.0.0.1", "", "x\\login"])
def test_a_host_header_says_no_path(inside: TestClient, host: str) -> None:
    assert inside.get("/config", headers={"Host": host}).status_code == 421


FOREIGN = [
    {"Origin": "http://evil.org"}, {"Origin": "null"}, {"Origin": "http://studio.test.evil.org"}, {"Origin": "http://studio.test:81"},
    {"Origin": "http://[x"}, {"Origin": ""}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/logout",
        "/gradio_api/queue/join",
        "/gradio_api/run/samples",
        "/gradio_api/upload",
        "/gradio_api/cancel",
    ],
)
def test_another_sites_page_changes_nothing(inside: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = inside.post(path, headers=headers, content=b"{}")
    assert (answer.status_code, "Another site" in answer.text) == (403, True)


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/config", "/picture/sample/1", "/gradio_api/info", "/lineage/variant/1", "/run/world-cal.zip"]
)
def test_another_sites_page_reads_nothing(member: TestClient, path: str, headers: dict[str, str]) -> None:
    assert member.get(path, headers=headers).status_code == 403


def test_another_sites_page_shows_no_picture_but_may_link(ann: httpx.Client) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert ann.get("/picture/sample/1/thumb", headers=elsewhere).status_code == 403
    assert ann.get("/picture/sample/1/thumb", headers=elsewhere | {"Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert ann.get("/picture/sample/1/thumb").headers["cross-origin-resource-policy"] == "same-origin"


def test_the_session_ends_with_the_sign_out_and_its_cookie_is_not_for_scripts(locked: str) -> None:
    with httpx.Client(base_url=locked, timeout=120) as client:
        answer = client.post("/login", data={"username": "bob", "password": "battery staple"})
        said = answer.headers["set-cookie"].lower()
        assert all(word in said for word in ("httponly", "samesite=strict", "path=/", "max-age=43200"))
        name, token = next(iter(client.cookies.items()))
        assert client.get("/config").status_code == 200
        assert client.post("/logout").status_code == 303
        assert dict(client.cookies) == {}
        assert client.get("/config", headers={"Cookie": f"{name}={token}"}).status_code == 401


def test_without_users_only_this_machines_own_names_reach_the_app(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serve(tmp_path_factory.mktemp("open")) as url, httpx.Client(base_url=url, timeout=120) as client:
        port = url.rstrip("/").rpartition(":")[2]
        assert [
            client.get("/config", headers={"Host": f"{host}:{port}"}).status_code
            for host in ("127.0.0.1", "localhost", "LOCALHOST")
        ] == [200] * 3
        for host in ("evil.org", f"evil.org:{port}", "127.0.0.1.evil.org", "0.0.0.0", "127.0.0.1:80/x"):
            assert client.get("/config", headers={"Host": host}).status_code == 421
        assert (
            client.post("/gradio_api/upload", headers={"Origin": "http://evil.org"}, files={"files": b"x"}).status_code
            == 403
        )
