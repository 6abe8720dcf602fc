"""Whether a file is whole: pictures (PNG), tensors (safetensors) and JSON, from its ends or to the last byte; and sealing tensors.

Needs no library of the kinds of file: a program that is to tell damage from health should not stumble over it.
"""

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
WIDTHS = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1, "U8": 1,
    "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip
"""Bytes of a value of each kind."""
LONGEST_HEAD = 100_000_000
"""Bytes of a safetensors header, as its own library allows at most."""


def flaw(path: Path, deep: bool = False) -> str | None:
    """What is wrong with a PNG, safetensors or JSON file, None if nothing is, or for other kinds.

    Without `deep` a file is looked at from its ends, which shows what was cut off or never written; with it every byte
    that carries a checksum is compared. OSError if it cannot be read.
    """
    check = {".png": _png_flaw, ".safetensors": tensors_flaw, ".json": _json_flaw}.get(path.suffix.lower())
    return check(path, deep) if check else None


def head_of(path: Path) -> dict[str, Any]:
    """The head of a safetensors file whose size fits it; ValueError says what is wrong with it, OSError if it cannot be read."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > min(size, LONGEST_HEAD):
            raise ValueError("it is cut off or no safetensors file")
        head = _head(file.read(length))
    if size != 8 + length + _end(head):
        raise ValueError("its size does not fit its head")
    return head


def seal(data: bytes) -> bytes:
    """A safetensors file with a checksum over names, values and `facts` in its head (`sha256`), as checkpoints have it."""
    head, body = _parted(data)
    told = dict(head.get("__metadata__", {}))
    rest = {name: value for name, value in head.items() if name != "__metadata__"}
    whole = {"__metadata__": told | {"sha256": _checksum(head, body)}} | rest
    packed = json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()
    packed += b" " * (-len(packed) % 8)
    return struct.pack("<Q", len(packed)) + packed + body


def _png_flaw(path: Path, deep: bool) -> str | None:
    if deep:
        return _chunks_flaw(path.read_bytes())
    with path.open("rb") as file:
        begins = file.read(len(SIGNATURE)) == SIGNATURE
        size = file.seek(0, 2)
        file.seek(max(0, size - len(END)))
        ends = file.read() == END
    return None if begins and ends else "it is cut off" if begins else "it is no PNG"


def _chunks_flaw(data: bytes) -> str | None:
    if not data.startswith(SIGNATURE):
        return "it is no PNG"
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        crc = data[place + 8 + length : place + 12 + length]
        if len(crc) < 4:
            break
        if zlib.crc32(kind + body) != int.from_bytes(crc, "big"):
            return "a checksum does not match"
        place += 12 + length
        if kind == b"IEND":
            return None if place == len(data) else "something follows its end"
    return "it is cut off"


def tensors_flaw(path: Path, deep: bool) -> str | None:
    """What is wrong with a safetensors file of any name, None if nothing is; see `flaw`."""
    if deep:
        try:
            head, body = _parted(path.read_bytes())
            return _sum_flaw(head, body)
        except ValueError as error:
            return str(error)
    try:
        head_of(path)
    except ValueError as error:
        return str(error)
    return None


def _parted(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Head and values of a safetensors file; ValueError says what is wrong with it."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise ValueError("it is cut off or no safetensors file")
    head, body = _head(data[8 : 8 + length]), data[8 + length :]
    if len(body) != _end(head):
        raise ValueError("its size does not fit its head")
    return head, body


def _head(data: bytes) -> dict[str, Any]:
    try:
        head = dict(json.loads(data))
    except (ValueError, TypeError) as error:
        raise ValueError("its head cannot be read") from error
    try:
        _end(head)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("its head tells no tensors") from error
    return head


def _end(head: Mapping[str, Any]) -> int:
    """Bytes of all values; ValueError where the shape of one does not fit its own."""
    ends = [0]
    for name, one in head.items():
        if name != "__metadata__":
            start, end = (int(place) for place in one["data_offsets"])
            if math.prod(map(int, one["shape"])) * WIDTHS.get(one["dtype"], 0) != end - start:
                raise ValueError(f"the shape of {name} does not fit its size")
            ends.append(end)
    return max(ends)


def _sum_flaw(head: Mapping[str, Any], body: bytes) -> str | None:
    told = head.get("__metadata__", {}).get("sha256")
    return None if told is None or told == _checksum(head, body) else "its checksum does not match"


def _checksum(head: Mapping[str, Any], body: bytes) -> str:
    made = hashlib.sha256(str(head.get("__metadata__", {}).get("facts", "")).encode())
    for name in sorted(set(head) - {"__metadata__"}):
        start, end = head[name]["data_offsets"]
        made.update(name.encode())
        made.update(body[start:end])
    return made.hexdigest()


def _json_flaw(path: Path, deep: bool) -> str | None:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return "it is no JSON" if path.stat().st_size else "it is empty"
    return None
