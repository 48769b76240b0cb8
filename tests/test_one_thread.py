"""Everything that the suite starts computes on one thread: on a busy machine several wait for one another."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import torch
from nbclient import NotebookClient

COUNT = "import torch; print(torch.get_num_threads())"


def test_this_process_does():
    assert torch.get_num_threads() == 1


def test_a_process_that_a_test_starts_does():
    told = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    assert told.stdout == "1\n"


def test_a_kernel_does():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(COUNT)])
    NotebookClient(notebook, timeout=600).execute()
    assert notebook.cells[0].outputs[0].text == "1\n"
