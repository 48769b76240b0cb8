"""A run of very many snapshots through widget and page: both hold what the run is, and nothing more."""

from __future__ import annotations

import json

import pytest
from lab import SECOND, Notebook, jupyter_lab, write_notebook
from memory import Memory

from nntf_widget.widget.widget import SAVED_LOG_LIMIT

SHOW = """
import json, pathlib, time
import numpy as np
import psutil
import nntf_widget as nntf

random = np.random.default_rng(0)
classes = random.integers(0, 5, 200)
run = nntf.Fingerprint(5, strict=True)
took = []

def epochs(until):
    while len(run) < until:
        moved = random.random(200) < 0.05
        classes[moved] = random.integers(0, 5, moved.sum())
        begun = time.thread_time()  # whatever else the machine does
        run.update(classes, metrics={"loss": 1 / (len(run) + 1), "accuracy": 0.5})
        took.append(1000 * (time.thread_time() - begun))
        time.sleep(0.02)  # Jupyter drops messages that come faster than a thousand a second

def held():
    distances = (run._record.transition_distance.rows, run._record.prediction_distance.rows)
    return json.dumps({
        "bytes": psutil.Process().memory_info().rss,
        "data": sum(distance._below._room.nbytes for distance in distances) + run._record.history.nbytes,
        "update": float(np.median(took[-50:])),
    })

run
"""


def grown_to(lab: Notebook, memory: Memory, snapshots: int, minutes: int) -> dict[str, dict[str, float]]:
    """Let the run grow and return what the kernel and the page hold then."""
    lab.page.set_default_timeout(minutes * 60 * SECOND)
    lab.execute(f"epochs({snapshots})")
    lab.page.wait_for_selector(f".nntf[data-snapshots='{snapshots}']")
    kernel = json.loads(lab.value("held()").strip("'"))
    page = memory.held()
    page["view"] = lab.page.locator(".nntf *").count()
    print(f"\n{snapshots} snapshots: kernel {json.dumps(kernel)}, page {json.dumps(page)}")
    return {"kernel": kernel, "page": page}


@pytest.mark.parametrize(
    ("few", "many"), [(250, 600), pytest.param(1000, 10_000, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_kernel_and_page_grow_by_the_data_alone(tmp_path, browser, few, many):
    write_notebook(tmp_path / "soak.ipynb", [SHOW])
    with jupyter_lab(tmp_path) as address, browser.new_page(viewport={"width": 1300, "height": 2000}) as page:
        lab = Notebook(page, address, "soak.ipynb")
        lab.run_all()
        lab.wait_for(0)
        memory = Memory(page)
        before, after = grown_to(lab, memory, few, 5), grown_to(lab, memory, many, 60)
    added = many - few
    kernel = {name: after["kernel"][name] - before["kernel"][name] for name in ("bytes", "data")}
    assert kernel["bytes"] < kernel["data"] + 30_000_000 + 5_000 * added
    # Two matrices of float32 or uint32 below the diagonal, with room for twice as many cells; and the saved log.
    arrays = after["page"]["arrays"] - before["page"]["arrays"]
    assert arrays < 2 * 2 * 4 * many**2 / 2 + SAVED_LOG_LIMIT + 5_000_000 + 1_000 * added
    assert after["kernel"]["update"] < 2 * many / few * before["kernel"]["update"]  # O(T)
    assert after["page"]["view"] < before["page"]["view"] + 50
    assert after["page"]["canvases"] == before["page"]["canvases"]
    assert after["page"]["observers"] == before["page"]["observers"]
    assert after["page"]["listeners"] - before["page"]["listeners"] < 500
    assert after["page"]["bytes"] - before["page"]["bytes"] < 20_000_000 + 10_000 * added
