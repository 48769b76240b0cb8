"""The run log: a run on disk, written as the training goes, and read by whoever wants to see it.

``format`` says what stands in the file, ``reader`` and ``writer`` move snapshots between the file and a `Fingerprint`,
``follower`` reads along while another process writes.
"""

from nntf_widget.run_log.follower import Follower, open  # noqa: A004 - for nntf.open
from nntf_widget.run_log.format import RunLogError
from nntf_widget.run_log.reader import load
from nntf_widget.run_log.writer import record, save

__all__ = ["Follower", "RunLogError", "load", "open", "record", "save"]
