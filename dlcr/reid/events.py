"""The log of a training in TensorBoard's own format, written without TensorBoard (pure).

Records are `length, crc(length), data, crc(data)`, data a protocol buffer `Event` (tensorflow/core/util/event.proto).
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

_CASTAGNOLI = 0x82F63B78


def _table() -> list[int]:
    made = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_CASTAGNOLI if value & 1 else 0)
        made.append(value)
    return made


_TABLE = _table()


def crc32c(data: bytes) -> int:
    """CRC-32C of the bytes (RFC 3720)."""
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def scalar_log(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """An event file of `rows`, one an epoch: each has `epoch` (its step), `time` (seconds since 1970), numbers or None by name."""
    started = float(rows[0]["time"]) if rows else 0.0
    records = [_record(_double(1, started) + _text(3, b"brain.Event:2"))]
    for row in rows:
        values = b"".join(
            _text(1, _text(1, name.encode()) + _float(2, float(value)))
            for name, value in row.items()
            if name not in ("epoch", "time") and value is not None
        )
        records.append(_record(_double(1, float(row["time"])) + _whole(2, int(row["epoch"])) + _text(5, values)))
    return b"".join(records)


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _text(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)
