"""Open JupyterLab at the live-training notebook; the port is the argument."""

import os
import sys
import webbrowser
from pathlib import Path


def has_browser() -> bool:
    """Tell whether a graphical browser can be opened here."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


here = Path(__file__).parent
command = [sys.executable, "-m", "jupyterlab", f"--port={sys.argv[1]}", f"--notebook-dir={here}"]
command += ["--LabApp.default_url=/lab/tree/watch_live.ipynb"] + ([] if has_browser() else ["--no-browser"])
if hasattr(os, "geteuid") and os.geteuid() == 0:
    command.append("--allow-root")
os.execv(command[0], command)
