"""The picture that stays in a saved notebook for readers whose page runs no widget."""

from __future__ import annotations

import base64
import io
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image

VIEW = "application/vnd.jupyter.widget-view+json"
SETUP = """
import numpy as np, nntf_widget as nntf
run = nntf.Fingerprint(3, strict=True)
def train(epochs):
    for _ in range(epochs):
        run.update(np.random.default_rng(len(run)).integers(0, 3, 50))
"""


def executed(*cells, **options):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, *cells)])
    NotebookClient(notebook, timeout=120, **options).execute()
    return notebook


def stills(cell):
    return [out.data for out in cell.outputs if "image/png" in out.get("data", {})]


@pytest.fixture(scope="module")
def notebook():
    """A notebook that shows a run, trains it twice, and tells how its picture looks in the end."""
    return executed(
        "run",
        "train(4)",
        "train(96)\nraise KeyboardInterrupt",
        "import base64\nfrom nntf_widget.picture import as_png\nprint(base64.b64encode(as_png(run)).decode())",
        allow_errors=True,
    )


def test_the_last_state_stands_in_the_cell_that_showed_the_run(notebook):
    (still,) = stills(notebook.cells[1])
    assert still["text/plain"] == "Picture of <Fingerprint snapshots=100 samples=50 classes=3>"
    assert still["image/png"].strip() == notebook.cells[4].outputs[0].text.strip()
    assert not any(stills(cell) for cell in notebook.cells[2:])


def test_it_takes_few_bytes(notebook):
    (still,) = stills(notebook.cells[1])
    assert len(still["image/png"]) < 400_000
    assert Image.open(io.BytesIO(base64.b64decode(still["image/png"]))).width == 1600


def test_the_widget_stands_above_it_and_the_picture_is_beside_a_widget_that_shows_nothing(notebook):
    widget, still = (out.data for out in notebook.cells[1].outputs)
    assert "image/png" not in widget
    state = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"].state
    nothing = state[still[VIEW]["model_id"]].state
    assert nothing.get("children", []) == []
    assert state[nothing.layout.removeprefix("IPY_MODEL_")].state.display == "none"


def test_a_page_without_widgets_shows_the_picture_and_one_with_widgets_does_not(notebook):
    with_widgets, _ = HTMLExporter().from_notebook_node(notebook)
    stateless = nbformat.from_dict({**notebook, "metadata": {}})
    without, _ = HTMLExporter().from_notebook_node(stateless)
    assert [page.count('src="data:image/png;base64,') for page in (with_widgets, without)] == [0, 1]


def test_a_cell_that_trains_and_shows_has_the_state_at_its_end_and_a_closed_widget_leaves_it_so():
    notebook = executed("widget = nntf.FingerprintWidget(run)\ndisplay(widget)\ntrain(3)", "widget.close()", "train(2)")
    (still,) = stills(notebook.cells[1])
    assert "snapshots=3" in still["text/plain"]


def test_several_cells_that_show_a_run_all_have_its_last_state():
    notebook = executed("run", "train(2)", "nntf.FingerprintWidget(run)", "run", "train(2)")
    for index in (1, 3, 4):
        (still,) = stills(notebook.cells[index])
        assert "snapshots=4" in still["text/plain"]


def test_a_followed_run_leaves_a_picture_too(tmp_path):
    path = str(tmp_path / "run.nntf")
    notebook = executed(
        f"train(3)\nrun.save({path!r})", f"follower = nntf.open({path!r})\nfollower", "follower.close()"
    )
    (still,) = stills(notebook.cells[2])
    assert "snapshots=3" in still["text/plain"]


def test_it_is_drawn_at_the_end_of_a_cell_where_something_changed_and_its_fault_stops_nothing():
    notebook = executed(
        "run",
        "import nntf_widget.widget.keeping as keeping\ndrawn = []\ndraw = keeping.as_png\n"
        "keeping.as_png = lambda run: drawn.append(len(run)) or draw(run)",
        "train(20)\nprint(drawn)",
        "print(drawn)",
        "print(drawn)",
        "keeping.as_png = lambda run: 1 / 0\nrun.strict = False\ntrain(2)",
        "print(run.faults)",
    )
    told = [notebook.cells[index].outputs[0].text.strip() for index in (3, 4, 5, 7)]
    assert told[:3] == ["[]", "[20]", "[20]"]
    assert "Keeping the run in the notebook failed: ZeroDivisionError" in told[3]


def test_a_script_that_shows_a_run_without_a_notebook_ends_in_silence():
    code = "import nntf_widget as nntf; widget = nntf.FingerprintWidget(nntf.Fingerprint(2)); repr(widget)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
