"""Which process writes a log, told so that a reader can see whether it still runs.

Linux: the boot, the process namespace, the process's number in it, and when it started in clock ticks since the boot,
separated by spaces. A number alone would not do: it is given out again. Other systems have no such name.
"""

from __future__ import annotations

import os
from pathlib import Path


def this_process() -> str | None:
    """Return the name of this process, or None on a system that has none."""
    return _name(str(os.getpid()))


def is_running(name: str | None) -> bool | None:
    """Tell whether the process of that name runs; None where that cannot be known from here."""
    here = this_process()
    if name is None or here is None:
        return None
    *machine, pid, _started = [*name.split(), "", ""][:4]
    if machine != here.split()[:2] or not pid.isdecimal():
        return None
    return _name(pid) == name


def _name(pid: str) -> str | None:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = Path("/proc/self/ns/pid").readlink()
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # what stands before is the program's name, which may hold anything
    state, started = fields[0], fields[19]
    return None if state in "ZX" else f"{boot} {namespace} {pid} {started}"  # a dead process may wait to be buried
