"""What a person sees of a training that runs: the live-training notebook in JupyterLab."""

from __future__ import annotations

import struct

import nbformat
import numpy as np
import pytest
from lab import SECOND, Notebook
from PIL import Image

TRAINING_CELL, AFTERWARDS = 3, 5
KEEP = """
import numpy as np
run.fingerprint
np.savez("truth.npz", distance=run.fingerprint.transition_distance, prediction=run.fingerprint.prediction_distance,
         drill=run.fingerprint.class_transition_distance(3), counts=run.fingerprint.class_counts)
"""


class Traffic:
    """The packets that reach the page, read off its websocket."""

    def __init__(self, page) -> None:
        self.frames: list[bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._keep))

    def _keep(self, frame) -> None:
        if isinstance(frame, bytes):
            self.frames.append(frame)

    def packets(self) -> list[bytes]:
        """Frames with one snapshot; the log at the start is not one of them."""
        return [frame for frame in self.frames if b'"type": "snapshot"' in frame or b'"type":"snapshot"' in frame]
