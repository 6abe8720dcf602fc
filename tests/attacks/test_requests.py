"""What a user who signed in may send: paths in every parameter, addresses, floods; all of it is refused and nothing is fetched."""

import itertools
import json
import re
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from starlette.testclient import TestClient

from dlcr import stages
from dlcr.core.errors import UsageError
from pages import _data_handlers, _expand_handlers, _train_handlers
from pages._entry import Entry
from pages._guard import BURST, LARGEST_CALL, Guard, Queue, names_address
from pages._work import MOST, PageBoard
from tests.attacks.conftest import PASSWORDS, signed_in
from tests.pages.test_expand import USUAL
from tests.pages.test_train import fields

TRAVERSALS = [
    "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    "..%252f..%252fetc%252fpasswd", "/etc/passwd",
    "//etc/passwd", "..\\..\\etc\\passwd", "..%5c..%5cetc", "....//....//etc/passwd", "%00/etc/passwd",
    "1%00.png", "1/../../../etc/passwd",
    "file:///etc/passwd", "%c0%ae%c0%ae/etc/passwd", "\u2025/\u2025/etc/passwd", "~root/.ssh/id_rsa",
    "C:/Windows/win.ini", "-1", "0", "1e9",
    "99999999999999999999999", "0x1", "１", "1;id", "$(id)", "`id`", "{id}", "<script>alert(1)</script>",
    "' OR 1=1 --", "%0d%0aX-Evil:1",
]  # fmt: skip
PLACES = [
    "/picture/sample/{}", "/picture/sample/{}/thumb", "/picture/mask/{}", "/picture/variant/{}",
    "/picture/variant/{}/thumb",
    "/picture/variant/{}/file", "/lineage/variant/{}", "/run/{}.zip", "/points/{}", "/figure/retrieve.{}",
    "/figure/space.{}", "/figure/{}.png",
    "/figure/variants.png?sample={}", "/figure/retrieve.png?dataset={}", "/figure/retrieve.svg?run={}",
    "/report/case.html?dataset={}", "/report/case.html?run={}", "/report/case.html?sample={}", "/gradio_api/file={}",
    "/gradio_api/file/{}", "/static/{}", "/assets/{}", "/svelte/{}",
    "/gradio_api/custom_component/{}/client/component/x.js",
    "/gradio_api/upload_progress?upload_id={}", "/{}",
]  # fmt: skip
SECRETS = re.compile(rb"root:.*:0:0:|scrypt\$|BEGIN [A-Z ]*PRIVATE KEY|SQLite format|Traceback")
"""What no answer may hold: the machine's users, this app's, keys, the catalog, a trace."""


def refused(answer: httpx.Response) -> bool:
    """Whether an answer tells nothing that was not asked for: an error in a line, or a page or picture of the app."""
    return not SECRETS.search(answer.content) and "x-evil" not in answer.headers and answer.status_code != 500


@pytest.mark.parametrize("place", PLACES)
def test_no_parameter_of_an_address_is_a_path(member: TestClient, place: str) -> None:
    few = slice(None, None, 8) if "upload_progress" in place else slice(None)  # Gradio waits 3 s for an unknown upload
    for told in TRAVERSALS[few]:
        answer = member.get(place.format(told))
        assert refused(answer), (told, answer.status_code, answer.text[:200])
        if place.startswith(("/picture", "/lineage", "/points", "/run", "/gradio_api/file")) and told != "-1":
            assert answer.status_code in (400, 403, 404, 405, 410, 422), (told, answer.status_code)


PRIVATE = [
    "users.json",
    "session.key",
    "catalog.sqlite",
    "app.log",
    "sessions-ended.json",
    "queue.sqlite",
    "uploads/",
    "jobs/1/log.txt",
]


@pytest.mark.parametrize("name", PRIVATE)
def test_no_file_of_the_workspace_is_served_by_its_path(ann: httpx.Client, locked_home: Path, name: str) -> None:
    for path in (f"{locked_home}/{name}", f"{locked_home}/received/../{name}", name):
        for route in ("/gradio_api/file=", "/file=", "/static/", "/assets/", "/"):
            answer = ann.get(f"{route}{path}")
            assert answer.status_code in (400, 403, 404, 405)
            assert refused(answer)


class Listener(threading.Thread):
    """A server of this machine that nobody may be made to call."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port, self.called = self.socket.getsockname()[1], 0
        self.start()

    def run(self) -> None:
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.called += 1


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.socket.close()


ADDRESSES = [
    "http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/",
    "http://0.0.0.0:{port}/", "http://2130706433:{port}/",
    "http://127.1:{port}/x.png", "http://0x7f.1:{port}/", "http://127.0.0.1.nip.io:{port}/",
    "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/", "http://user@127.0.0.1:{port}/",
]  # fmt: skip


def join(client: httpx.Client, fn_index: int, data: list, tab: str = "") -> httpx.Response:
    body = {
        "data": data,
        "fn_index": fn_index,
        "session_hash": tab or uuid.uuid4().hex[:10],
        "event_data": None,
        "trigger_id": None,
    }
    return client.post("/gradio_api/queue/join", json=body)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_is_fetched_for_a_user(ann: httpx.Client, listener: Listener, address: str) -> None:
    asked = address.format(port=listener.port)
    for route in ("/gradio_api/file=", "/gradio_api/file/", "/gradio_api/proxy=", "/file=", "/proxy="):
        assert ann.get(route + asked).status_code in (400, 403, 404)
    file = {"path": asked, "url": asked, "orig_name": "x.png", "meta": {"_type": "gradio.FileData"}}
    for data in ([file], [None, file], [[{"image": file}]], [{"a": {"b": [file]}}]):
        answer = join(ann, 0, data)
        assert (answer.status_code, answer.text) == (400, "A file is sent, not named by an address.")
    for call in ("run/samples", "api/samples", "call/samples", "run/predict"):
        assert ann.post(f"/gradio_api/{call}", json={"data": [file], "fn_index": 0}).status_code == 400
    assert listener.called == 0


def test_names_of_models_that_a_user_types_reach_no_folder_and_no_server(
    session: stages.Session, listener: Listener
) -> None:
    board, jobs = PageBoard(session), len(session.catalog.jobs())
    models = [f"{kind}:{where}" for kind, where in itertools.product(
        ("openai", "cal", "hf", "timm", "sd", "sdxl", "flux-fill", "vlm", "llm", "schp", "segformer", "sam", "sam2", "demo"),
        (f"http://127.0.0.1:{listener.port}#x", "/etc/passwd", "../../x", "evil/model", "sd:x@/etc/passwd"),
    )]  # fmt: skip
    expand, train = _expand_handlers.Desk(split="train"), _train_handlers.Desk()
    for model in models:
        for ask in (_expand_handlers.expand, lambda *given: _expand_handlers.measure(session, *given)):
            with pytest.raises(UsageError, match="not open"):
                ask(board, expand, *(USUAL | {"inpainter": model}).values())
        with pytest.raises(UsageError, match="not open"):
            _train_handlers.train(session, board, train, "evil", "cpu", "photos", model, *fields()[2:])
    data = _data_handlers.Desk()
    for folder in (
        "/etc",
        "/",
        "~",
        "..",
        str(session.workspace.home),
        f"{session.workspace.exports}/../jobs",
        "/proc/self/cwd",
    ):
        with pytest.raises(UsageError, match="not open"):
            _data_handlers.index(board, data, folder, "x", "auto", True)
        with pytest.raises(UsageError, match="not open"):
            _data_handlers.import_release(board, data, folder)
        for handlers, desk in ((_data_handlers.export_release, data), (_expand_handlers.export, expand)):
            with pytest.raises(UsageError, match="not open"):
                handlers(board, desk, folder, False, False)  # type: ignore[operator]
    assert (len(session.catalog.jobs()), listener.called) == (jobs, 0)


@pytest.mark.parametrize("word", ["a\0b", "\ud800", "x" * 5000, "a\0" * 10])
def test_what_no_command_can_hold_is_never_queued(session: stages.Session, word: str) -> None:
    before = len(session.catalog.jobs())
    for args in (["train", f"--run={word}", "--", "world"], ["index", f"--name={word}", "--", "/x"], [word]):
        with pytest.raises(UsageError, match="cannot be part of a command"):
            PageBoard(session).submit(args, "x")
    assert len(session.catalog.jobs()) == before


OVERSIZED = [LARGEST_CALL + 1, 10**7, 10**12]


@pytest.mark.parametrize("size", OVERSIZED)
@pytest.mark.parametrize(
    "path", ["/login", "/gradio_api/queue/join", "/gradio_api/run/samples", "/gradio_api/cancel", "/nowhere"]
)
def test_a_request_says_too_much(locked: str, path: str, size: int) -> None:
    with closing(signed_in(locked)) as ann, socket.create_connection(("127.0.0.1", httpx.URL(locked).port)) as line:
        cookie = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: {size}\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(12) == b"HTTP/1.1 413"


def test_a_body_without_a_length_ends_too(ann: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(LARGEST_CALL // 10**5 + 5):
            yield b"x" * 10**5

    assert ann.post("/gradio_api/queue/join", content=endless()).status_code == 413


NO_CALLS = [
    b"", b"{", b"[" * 100_000, b"\xff", b"null", b"[]", b'"x"', b"{}", b'{"data":1}', b'{"fn_index":"x"}', b"NaN",
    b'{"fn_index":1e99}', b'{"session_hash":{},"data":[]}', b'{"data":[],"fn_index":999999,"session_hash":"a"}',
]  # fmt: skip


@pytest.mark.parametrize("body", NO_CALLS)
def test_a_call_that_is_none_is_refused(ann: httpx.Client, body: bytes) -> None:
    for path in ("queue/join", "run/samples", "call/samples", "cancel"):
        answer = ann.post(f"/gradio_api/{path}", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 404, 422) or (path == "cancel" and answer.status_code == 200)
        assert b"Traceback" not in answer.content


def test_guessing_passwords_ends_in_waiting(locked: str) -> None:
    with httpx.Client(base_url=locked, timeout=120) as client:
        codes = [
            client.post("/login", data={"username": "carol", "password": f"guess {n}"}).status_code for n in range(13)
        ]
    assert codes == [401] * 10 + [429] * 3


def test_one_user_does_not_fill_the_queue(locked: str, bob: httpx.Client) -> None:
    with closing(signed_in(locked, "eve")) as eve:
        paint = next(one["id"] for one in eve.get("/config").json()["dependencies"] if one["api_name"] == "paint")
        codes = [join(eve, paint, [1, "red t-shirt", 1, seed, 200]).status_code for seed in range(20)]
        assert codes[:8] == [200] * 8
        assert set(codes[9:]) == {429}
        samples = next(one["id"] for one in eve.get("/config").json()["dependencies"] if one["api_name"] == "samples")
        assert join(bob, samples, ["world", "", -1, 1]).status_code == 200


def test_a_storm_of_requests_is_slowed(inside: TestClient, entry: Entry) -> None:
    pace = Guard(inside.app, entry, Queue(gr.Blocks())).pace
    allowed = sum(pace.allows("eve") for _ in range(int(BURST) * 3))
    assert BURST <= allowed < BURST * 1.5
    assert pace.allows("ann")


def test_another_users_tab_is_not_listened_to(ann: httpx.Client, bob: httpx.Client) -> None:
    samples = next(one["id"] for one in ann.get("/config").json()["dependencies"] if one["api_name"] == "samples")
    tab = uuid.uuid4().hex[:10]
    assert join(ann, samples, ["world", "", -1, 1], tab).status_code == 200
    assert join(bob, samples, ["world", "", -1, 1], tab).status_code == 403
    assert bob.get("/gradio_api/queue/data", params={"session_hash": tab}).status_code == 403
    assert bob.get(f"/gradio_api/heartbeat/{tab}").status_code == 403
    assert (
        bob.post("/gradio_api/cancel", json={"session_hash": tab, "fn_index": samples, "event_id": "x"}).status_code
        == 403
    )
    with ann.stream("GET", "/gradio_api/queue/data", params={"session_hash": tab}) as stream:
        said = next(line for line in stream.iter_lines() if "process_completed" in line)
    assert json.loads(said.removeprefix("data: "))["success"]


@pytest.mark.parametrize(
    "name", ["evil.html", "evil.svg", "evil.xml", "evil.xhtml", "evil.js", "evil.pdf", "evil.swf", "evil.png.html"]
)
def test_an_upload_is_never_shown_as_a_page(ann: httpx.Client, locked_home: Path, name: str) -> None:
    body = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    kept = ann.post("/gradio_api/upload", files={"files": (name, body)}).json()[0]
    assert Path(kept).is_relative_to(locked_home / "received")
    answer = ann.get(f"/gradio_api/file={kept}")
    assert answer.headers["content-type"].startswith("application/octet-stream")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.png",
        "/etc/evil.png",
        "..\\..\\evil.png",
        "a\r\nb.png",
        "x" * 400 + ".png",
        "%2e%2e%2fevil.png",
        "~/evil.png",
    ],
)
def test_an_upload_is_not_named_out_of_its_folder(ann: httpx.Client, locked_home: Path, name: str) -> None:
    answer = ann.post("/gradio_api/upload", files={"files": (name, b"x")})
    if answer.status_code == 200:
        assert all(Path(kept).resolve().is_relative_to(locked_home / "received") for kept in answer.json())
    assert not list(Path(locked_home).parent.glob("evil*"))


def test_an_address_is_seen_wherever_it_hides() -> None:
    assert names_address([{"x": [1, {"path": "http://a/"}]}])
    assert not names_address([{"path": "/received/x.png"}, "http://a/", {"words": "http://"}, None, 3])


def test_no_password_and_no_session_is_written_down(locked: str, locked_home: Path) -> None:
    with closing(signed_in(locked, "bob")) as bob, httpx.Client(base_url=locked, timeout=120) as stranger:
        stranger.post("/login", data={"username": "bob", "password": "a mistyped secret"})
        stranger.get("/login", params={"password": "a mistyped secret"})
        tokens = list(bob.cookies.values())
    secrets = [*PASSWORDS.values(), "a mistyped secret", *tokens, (locked_home / "session.key").read_bytes().hex()]
    for file in (one for one in sorted(locked_home.rglob("*")) if one.is_file()):
        kept = file.read_bytes()
        assert [secret for secret in secrets if secret.encode() in kept] == [], file
    assert (locked_home / "session.key").stat().st_mode & 0o777 == 0o600


def test_one_user_does_not_fill_the_jobs(session: stages.Session) -> None:
    board = PageBoard(session)
    context = gr.context.LocalContext.request
    args = ["expand", "--", "world"]
    token = context.set(gr.Request(username="eve"))
    try:
        queued = [board.submit(args, "x").row.id for _ in range(MOST)]
        with pytest.raises(UsageError, match="10 of your jobs are not done yet"):
            board.submit(args, "x")
        context.set(gr.Request(username="ann"))
        queued.append(board.submit(args, "x").row.id)
        context.set(gr.Request(username="eve"))
        board.cancel(queued[0])
        queued.append(board.submit(args, "x").row.id)
    finally:
        context.reset(token)
        for job in queued[1:]:
            board.cancel(job)


def test_a_program_signs_in_as_the_document_says(locked: str) -> None:
    client = Client(locked, auth=("ann", PASSWORDS["ann"]), verbose=False, httpx_kwargs={"timeout": 120})
    assert client.predict("world", "", -1, 1, api_name="/samples")[0]["picture"].startswith("/picture/sample/")
