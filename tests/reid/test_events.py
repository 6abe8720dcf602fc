import struct

from dlcr.reid.events import crc32c, scalar_log


def records(data):
    """Every record's bytes, after checking both checksums."""
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        body = data[12 : 12 + length]
        for part, stored in ((data[:8], data[8:12]), (body, data[12 + length : 16 + length])):
            crc = crc32c(part)
            assert struct.unpack("<I", stored)[0] == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
        yield body
        data = data[16 + length :]


def fields(data):
    """The fields of a protocol buffer as (number, value)."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(key & 7) or varint()
        yield key >> 3, data[at : at + size]
        at += size


def test_the_checksum_is_crc_32c():
    assert crc32c(b"123456789") == 0xE3069283  # RFC 3720's own example


def test_scalars_come_back_with_their_epochs():
    rows = [{"epoch": 0, "time": 100.5, "loss": 2.5}, {"epoch": 300, "time": 101.5, "loss": 0.25, "accuracy": 1.0}]
    first, *events = (dict(fields(body)) for body in records(scalar_log(rows)))
    assert first[3] == b"brain.Event:2"
    read = []
    for event in events:
        values = [dict(fields(value)) for number, value in fields(event[5]) if number == 1]
        told = {value[1].decode(): struct.unpack("<f", value[2])[0] for value in values}
        read.append({"epoch": event.get(2, 0), "time": struct.unpack("<d", event[1])[0], **told})
    assert read == rows
