"""The openai: backends against `transformers serve` itself with tiny models, and against servers that misbehave."""

import http.server
import socket
import threading
import time

import numpy as np
import pytest

from dlcr.core.errors import BackendError, ReplyError
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Outfit
from dlcr.language import load_captioner, load_summariser
from tests.language.tiny import save_llm, save_vlm

SURE = DescribeSettings(question="the person is wearing", caption_temperature=0, temperature=0, max_tokens=8)
PHOTOS = list(np.random.default_rng(0).integers(0, 256, (2, 64, 32, 3), np.uint8))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """`transformers serve` on this machine; models are named by their folders."""
    from transformers.cli.serve import Serve

    port = free_port()
    server = Serve(host="127.0.0.1", port=port, device="cpu", dtype="float32", non_blocking=True)
    deadline = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}/v1"
    server.kill_server()


@pytest.fixture(scope="module")
def llava(tmp_path_factory):
    return save_vlm(tmp_path_factory.mktemp("llava"), "llava")


def test_the_captioner_says_what_the_same_model_says_here(serve, llava, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")
    served = load_captioner(f"openai:{serve}#{llava}")
    assert served.replies(PHOTOS, SURE, 0) == load_captioner(f"vlm:{llava}", "cpu").replies(PHOTOS, SURE, 0)


def test_the_summariser_says_what_the_same_model_says_here(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")
    folder = save_llm(tmp_path)
    served = load_summariser(f"openai:{serve}#{folder}").reply("red shirt blue jeans", SURE, 0)
    assert served == load_summariser(f"llm:{folder}", "cpu").reply("red shirt blue jeans", SURE, 0)


def test_a_model_the_server_does_not_know_is_named(serve):
    with pytest.raises(ReplyError, match=r"answered \d+.*no-such-model"):
        load_summariser(f"openai:{serve}#no-such-model").reply("red shirt", SURE, 0)


class Misbehaving(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.split("/")[1]
        if kind == "hangs":
            time.sleep(2)
            return
        status, body = {
            "broken": (500, b'{"error": {"message": "out of memory"}}'),
            "page": (200, b"<html>welcome</html>"),
            "odd": (200, b'{"choices": []}'),
            "noise": (200, b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "... 12 ..."}}]}'),
        }[kind]
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if kind == "page" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def bad():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize(
    ("kind", "said"),
    [("broken", "answered 500.*out of memory"), ("hangs", "did not answer within 0.5 seconds"), ("page", "no chat completion"),
     ("odd", "no chat completion")],
)  # fmt: skip
def test_a_server_that_fails_is_one_clear_line(bad, kind, said):
    quick = SURE.model_copy(update={"timeout": 0.5})
    with pytest.raises(ReplyError, match=said):
        load_summariser(f"openai:{bad}/{kind}#m").reply("red shirt", quick, 0)


def test_nonsense_is_no_outfit_and_the_words_are_kept(bad):
    with pytest.raises(ReplyError) as told:
        load_summariser(f"openai:{bad}/noise#m").summarise([Caption("a red shirt", Outfit(()))])
    assert told.value.reply == "... 12 ..."


def test_no_server_and_no_address_say_so():
    captioner = load_captioner(f"openai:http://127.0.0.1:{free_port()}/v1#m")
    assert ["there is no server at" in str(error) for error in captioner.replies(PHOTOS, SURE, 0)] == [True, True]
    with pytest.raises(ReplyError, match="there is no server at"):
        captioner.caption(PHOTOS[0], None)
    for spec in ("openai", "openai:localhost#m", "openai:http://127.0.0.1/v1"):
        with pytest.raises(BackendError, match=r"names no server and model.*#MODEL"):
            load_captioner(spec)
