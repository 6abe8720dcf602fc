"""A model server in a process of its own, as OpenAI's interface asks: what it says depends on the question alone.

`python answers.py PORT`. It takes its time, so that it can be cut in the middle of a request.
"""

import http.server
import json
import sys
import time
import zlib

PAUSE = 0.15
"""Seconds for a reply."""
COLOURS = ("red", "blue", "green", "white", "black")
GARMENTS = ("t-shirt", "jacket", "dress", "coat")


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers chat completions: clothes from a picture's sum, an outfit from what was said of its frames."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(PAUSE)
        content = asked["messages"][0]["content"]
        reply = _summary(content) if isinstance(content, str) else _caption(content[0]["image_url"]["url"])
        body = json.dumps({
            "id": "1", "object": "chat.completion", "created": 0, "model": asked["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": reply}}],
        }).encode()  # fmt: skip
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told: object) -> None:
        """Nothing."""


def _caption(url: str) -> str:
    value = zlib.crc32(url.encode())
    return f"{COLOURS[value % 5]} {GARMENTS[value // 5 % 4]} | {COLOURS[value // 20 % 5]} jeans | white shoes"


def _summary(question: str) -> str:
    worn = {f"{colour} {name}" for colour in COLOURS for name in (*GARMENTS, "jeans") if f"{colour} {name}" in question}
    return " | ".join([*sorted(worn)[:5], "white shoes"])


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
