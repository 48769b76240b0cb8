"""The binary packet that carries one snapshot to the page; its reader is js/src/run/wire.ts.

Little-endian. The log is the packets end to end. Header, 32 bytes:

====== ======== ================================================================================
offset type     field
====== ======== ================================================================================
0      4 bytes  "NNTF"
4      uint8    version, 1
5      uint8    bytes of a class id, 1 or 2
6      uint8    flags: 1 dense (the classes of all samples in order), 2 labels follow
7      uint8    0
8      uint32   bytes of the whole packet
12     uint32   t, the snapshot's number and so the packet's place in the sequence
16     uint32   N, samples
20     uint32   K, classes
24     uint32   m, entries (N when dense)
28     uint32   bytes of the metrics
====== ======== ================================================================================

Then, each filled up with zeros to 4 bytes: the row of the transition distance, float32 (max(t-1, 0)); the row of the
prediction distance, uint32 (t); the samples that moved, uint32 (m, absent when dense); their classes (m); the labels
(N, when flagged); the metrics, a UTF-8 JSON object of numbers, null where not finite.

Metrics that come after their snapshot go out as such an object alone.
"""

from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING

from nntf_widget.predictions import class_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nntf_widget.fingerprint import Snapshot

HEADER = struct.Struct("<4sBBBBIIIIII")
MAGIC = b"NNTF"
VERSION = 1
DENSE, LABELLED = 1, 2
SAMPLE_BYTES = 4


def encode(snapshot: Snapshot, num_samples: int, num_classes: int) -> bytes:
    """Return one snapshot as a packet; its moves as a list or as all classes, whichever is shorter.

    Parameters
    ----------
    snapshot : Snapshot
    num_samples, num_classes : int
        N and K.

    Returns
    -------
    bytes
        At most 32 + 8 T + N (1 or 2) bytes, plus the labels once and the metrics.
    """
    dtype = class_dtype(num_classes).newbyteorder("<")
    dense = len(snapshot.samples) * (SAMPLE_BYTES + dtype.itemsize) >= num_samples * dtype.itemsize
    classes = snapshot.all_classes if dense else snapshot.classes
    metrics = as_json(snapshot.metrics)
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
        0,
        HEADER.size + len(body),
        snapshot.t,
        num_samples,
        num_classes,
        len(classes),
        len(metrics),
    )
    return header + body


def as_json(metrics: Mapping[str, float]) -> bytes:
    """Return the metrics of a snapshot as bytes."""
    finite = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
    return json.dumps(finite, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(errors="replace")
