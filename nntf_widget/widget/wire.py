"""The binary packet that carries one snapshot to the page; its reader is js/src/wire.ts.

Little-endian. The log is the packets end to end. Header, 32 bytes:

====== ======== ================================================================================
offset type     field
====== ======== ================================================================================
0      4 bytes  "NNTF"
4      uint8    version, 2
5      uint8    bytes of a class id, 1 or 2
6      uint8    flags: 1 dense (the classes of all samples in order), 2 labels follow
7      uint8    e: the packet is of a log thinned to every 2**e-th snapshot; 0 for all
8      uint32   bytes of the whole packet
12     uint32   t, the snapshot's number in its log and so the packet's place in the sequence
16     uint32   N, samples
20     uint32   K, classes
24     uint32   m, entries (N when dense)
28     uint32   bytes of the metrics
====== ======== ================================================================================

Then, each filled up with zeros to 4 bytes: the row of the transition distance, float32 (max(t-1, 0)); the row of the
prediction distance, uint32 (t); the samples that moved, uint32 (m, absent when dense); their classes (m); the labels
(N, when flagged); the metrics, a UTF-8 JSON object of numbers, null where not finite. Last, 4 bytes: the CRC-32, as
zlib has it, of all bytes before it.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from typing import TYPE_CHECKING

from nntf_widget.predictions import class_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nntf_widget.record import Snapshot

HEADER = struct.Struct("<4sBBBBIIIIII")
MAGIC = b"NNTF"
VERSION = 2
CHECKSUM = struct.Struct("<I")
DENSE, LABELLED = 1, 2
SAMPLE_BYTES = 4


def encode(snapshot: Snapshot, num_samples: int, num_classes: int, power: int = 0) -> bytes:
    """Return one snapshot as a packet; its moves as a list or as all classes, whichever is shorter.

    Parameters
    ----------
    snapshot : Snapshot
    num_samples, num_classes : int
        N and K.
    power : int
        The log has every 2**power-th snapshot of its run.

    Returns
    -------
    bytes
        At most 36 + 8 T + N (1 or 2) bytes, plus the labels once and the metrics.
    """
    dtype = class_dtype(num_classes).newbyteorder("<")
    dense = len(snapshot.samples) * (SAMPLE_BYTES + dtype.itemsize) >= num_samples * dtype.itemsize
    classes = snapshot.all_classes if dense else snapshot.classes
    metrics = _as_json(snapshot.metrics)
    sections = [
        snapshot.transition_row.astype("<f4").tobytes(),
        snapshot.prediction_row.astype("<u4").tobytes(),
        b"" if dense else snapshot.samples.astype("<u4").tobytes(),
        classes.astype(dtype).tobytes(),
        b"" if snapshot.labels is None else snapshot.labels.astype(dtype).tobytes(),
        metrics,
    ]
    body = b"".join(section + bytes(-len(section) % 4) for section in sections)
    flags = (DENSE if dense else 0) | (0 if snapshot.labels is None else LABELLED)
    header = HEADER.pack(
        MAGIC,
        VERSION,
        dtype.itemsize,
        flags,
        power,
        HEADER.size + len(body) + CHECKSUM.size,
        snapshot.t,
        num_samples,
        num_classes,
        len(classes),
        len(metrics),
    )
    packet = header + body
    return packet + CHECKSUM.pack(zlib.crc32(packet))


def _as_json(metrics: Mapping[str, float]) -> bytes:
    finite = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
    return json.dumps(finite, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(errors="replace")
