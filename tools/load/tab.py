"""One tab of a browser, as the server sees it: a page's configuration, events that join the queue, their answers as a stream."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx


class Tab:
    """A page of the app in a session of its own; `said` collects every answer as text, for whoever looks for leaks."""

    def __init__(self, client: httpx.Client, page: str):
        self.client = client
        self.session = uuid.uuid4().hex[:11]
        self.said: list[str] = []
        client.get(f"/{page}", headers={"Accept": "text/html"}).raise_for_status()
        config = client.get("/config").json()
        inside = set(config["page"][page]["components"])
        self._parts = {one["id"]: one for one in config["components"] if one["id"] in inside}
        self._by_name = {
            one["props"].get("elem_id"): key for key, one in self._parts.items() if one["props"].get("elem_id")
        }
        self._events = [one for one in config["dependencies"] if one["id"] in config["page"][page]["dependencies"]]
        self._next = {
            one["id"]: [other["id"] for other in self._events if other.get("trigger_after") == one["id"]]
            for one in self._events
        }

    def load(self, query: str) -> list[Any]:
        """What the page does when it is opened at an address; the answers of all that follows."""
        event = next(one for one in self._events if any(name == "load" for _, name in one["targets"]))
        return self._run(event, dict.fromkeys(event["inputs"], query), None)

    def fire(self, name: str, event: str, values: dict[str, Any] | None = None, data: Any = None) -> list[Any]:
        """An event of the widget with this id; `values` are what widgets hold, by id, `data` is what comes with the event."""
        key = self._by_name[name]
        found = next(one for one in self._events if [key, event] in [list(target) for target in one["targets"]])
        held = {self._by_name[one]: value for one, value in (values or {}).items()}
        return self._run(found, held, data)

    def _run(self, event: dict[str, Any], held: dict[int, Any], data: Any) -> list[Any]:
        answers = [self._asked(event, held, data)] if event["backend_fn"] else []  # others happen in the browser alone
        by_id = {one["id"]: one for one in self._events}
        for then in self._next[event["id"]]:
            answers += self._run(by_id[then], held, None)
        return answers

    def _asked(self, event: dict[str, Any], held: dict[int, Any], data: Any) -> Any:
        told = [held[key] if key in held else self._usual(key) for key in event["inputs"]]
        body = {
            "data": told, "event_data": data, "fn_index": event["id"],
            "trigger_id": event["targets"][0][0] if event["targets"] else None,
            "session_hash": self.session,
        }  # fmt: skip
        joined = self.client.post("/gradio_api/queue/join", json=body)
        joined.raise_for_status()
        return self._answer(joined.json()["event_id"])

    def _usual(self, key: int) -> Any:
        """What a browser sends of a widget that nobody touched."""
        part = self._parts[key]
        value = part["props"].get("value")
        return "" if value is None and part["type"] == "textbox" else value

    def _answer(self, event_id: str) -> Any:
        done = [one for one in self._stream() if one["msg"] == "process_completed" and one["event_id"] == event_id]
        if not done or not done[0]["success"]:
            raise RuntimeError(f"the event failed: {done[0]['output'] if done else 'its stream ended'}")
        return done[0]["output"].get("data")

    def _stream(self) -> Iterator[dict[str, Any]]:
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as stream:
            stream.raise_for_status()
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    self.said.append(line)
                    yield json.loads(line.removeprefix("data:"))
