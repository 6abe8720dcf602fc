"""Captioner and summariser behind an OpenAI-compatible server: vLLM, Ollama, llama.cpp, `transformers serve`."""

import base64
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import openai

from dlcr.core.errors import BackendError, ReplyError, ServerError
from dlcr.core.images import fit, png_bytes
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Labels, Outfit
from dlcr.language.replies import extract_question, read_caption, read_outfit

EXAMPLE = "openai:http://127.0.0.1:8000/v1#MODEL"
LONGEST = 1024


class Server:
    """One model of one server. The key, if the server wants one, is `OPENAI_API_KEY`; nothing else leaves this machine."""

    def __init__(self, base_url: str, model: str):
        self.base_url, self.model = base_url, model
        self.client = openai.OpenAI(
            base_url=base_url, api_key=os.environ.get("OPENAI_API_KEY") or "none", max_retries=0
        )

    def ask(self, content: Any, settings: DescribeSettings, seed: int, *, temperature: float, top_p: float) -> str:
        """The reply to one user message, a text or a list of parts; ReplyError says what the server did instead,
        ServerError that there is none."""
        try:
            done = self.client.chat.completions.create(
                model=self.model, messages=[{"role": "user", "content": content}], temperature=temperature, top_p=top_p,
                max_tokens=settings.max_tokens, seed=seed, timeout=settings.timeout,
            )  # fmt: skip
            return str(done.choices[0].message.content or "").strip()
        except openai.APITimeoutError as error:
            raise ReplyError(
                f"the server {self.base_url} did not answer within {settings.timeout:g} seconds.",
                "Is it busy or stuck? Look at its log.",
            ) from error
        except openai.APIConnectionError as error:
            raise ServerError(f"there is no server at {self.base_url}.", "Start it, or correct the address.") from error
        except openai.APIStatusError as error:
            raise ReplyError(
                f"the server {self.base_url} answered {error.status_code}: {_short(error.message)}.",
                f"Look at its log; does it know the model '{self.model}', and does that take pictures?",
            ) from error
        except (openai.OpenAIError, AttributeError, IndexError, TypeError, ValueError) as error:
            raise ReplyError(
                f"the server {self.base_url} answered what is no chat completion ({type(error).__name__}).",
                "Is the address that of an OpenAI-compatible server (it usually ends in /v1)?",
            ) from error


class ServerCaptioner:
    """Sends each photo as PNG with the question."""

    def __init__(self, server: Server):
        self.server = server

    def caption(self, photo: np.ndarray, labels: Labels) -> Caption:
        """(H, W, 3) uint8 -> what the person wears; the labels are not used. ReplyError if there is no usable reply."""
        return read_caption(self.replies([photo], DescribeSettings(), 0)[0])

    def replies(self, photos: Sequence[np.ndarray], settings: DescribeSettings, seed: int) -> list[str | ReplyError]:
        """(H, W, 3) uint8 each -> the model's own words for each, or why there are none; one request a photo, all at once."""
        with ThreadPoolExecutor(max(1, len(photos))) as pool:
            return list(pool.map(lambda photo: self._reply(photo, settings, seed), photos))

    def _reply(self, photo: np.ndarray, settings: DescribeSettings, seed: int) -> str | ReplyError:
        data = base64.b64encode(png_bytes(fit(photo, LONGEST))).decode()
        picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
        content = [picture, {"type": "text", "text": settings.question}]
        try:
            return self.server.ask(content, settings, seed, temperature=settings.caption_temperature, top_p=1.0)
        except ReplyError as error:
            return error


class ServerSummariser:
    """Sends what was said of an outfit's frames."""

    def __init__(self, server: Server):
        self.server = server

    def summarise(self, captions: Sequence[Caption]) -> Outfit:
        """Captions of frames of one outfit -> its items; ReplyError if the reply lists none."""
        settings = DescribeSettings()
        return read_outfit(self.reply(extract_question(captions, settings), settings, settings.seed))

    def reply(self, question: str, settings: DescribeSettings, seed: int) -> str:
        """The model's own words."""
        return self.server.ask(question, settings, seed, temperature=settings.temperature, top_p=settings.top_p)


def load_captioner(argument: str | None, device: str = "auto") -> ServerCaptioner:
    """`openai:BASE_URL#MODEL`; the device is the server's affair."""
    return ServerCaptioner(_server(argument))


def load_summariser(argument: str | None, device: str = "auto") -> ServerSummariser:
    """`openai:BASE_URL#MODEL`; the device is the server's affair."""
    return ServerSummariser(_server(argument))


def _server(argument: str | None) -> Server:
    base_url, _, model = (argument or "").partition("#")
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or not model:
        raise BackendError(f"'openai:{argument or ''}' names no server and model.", f"For example {EXAMPLE}")
    return Server(base_url.rstrip("/"), model)


def _short(message: str) -> str:
    return " ".join(message.split())[:200].rstrip(".")
