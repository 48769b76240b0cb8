from __future__ import annotations

import comm
import pytest
from comm.base_comm import BaseComm


@pytest.fixture
def messages(monkeypatch):
    """Every message that a kernel would send to the page: (type, data, buffers)."""
    sent = []

    class KeptComm(BaseComm):
        def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):  # noqa: ARG002
            sent.append((msg_type, data or {}, buffers or []))

    monkeypatch.setattr(comm, "create_comm", KeptComm)
    return sent
