"""Reads packets as their documentation says, apart from the code that writes them."""

import json
import struct
import zlib

import numpy as np


def read(packet):
    magic, version, width, flags, power, size, t, num_samples, num_classes, entries, metrics = struct.unpack_from(
        "<4sBBBBIIIIII", packet
    )
    assert (magic, version) == (b"NNTF", 2)
    assert struct.unpack_from("<I", packet, size - 4) == (zlib.crc32(packet[: size - 4]),)
    at = 32

    def take(dtype, count):
        nonlocal at
        values = np.frombuffer(packet, dtype, count, at)
        at += -(-values.nbytes // 4) * 4
        return values

    ids = "<u1" if width == 1 else "<u2"
    found = {
        "t": t,
        "every": 2**power,
        "shape": (num_samples, num_classes),
        "transition_row": take("<f4", max(t - 1, 0)),
        "prediction_row": take("<u4", t),
        "samples": np.arange(num_samples) if flags & 1 else take("<u4", entries),
        "classes": take(ids, entries),
        "labels": take(ids, num_samples) if flags & 2 else None,
        "metrics": json.loads(take("u1", metrics).tobytes()),
    }
    assert at == size - 4
    return found, packet[size:]


def read_log(log):
    packets = []
    while log:
        packet, log = read(log)
        packets.append(packet)
    return packets
