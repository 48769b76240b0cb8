"""A training in a background thread: the kernel is free, and answers the page at once."""

from __future__ import annotations

import nbformat
from lab import Notebook


def test_a_click_reaches_python_while_the_thread_trains(page, address, folder):
    notebook = nbformat.read(folder / "background_thread.ipynb", as_version=4)
    del notebook.cells[-1]  # waits for the training
    source = notebook.cells[3].source.replace("args=(40,)", "args=(100_000,)")
    notebook.cells[3].source = source
    nbformat.write(notebook, folder / "thread.ipynb")
    lab = Notebook(page, address, "thread.ipynb")
    lab.run_all()
    page.wait_for_function("+document.querySelector('.nntf')?.dataset.snapshots >= 8")
    page.locator(".nntf").get_by_role("button", name="3", exact=True).click()
    page.wait_for_selector(".nntf[data-class='3']")
    lab.execute(
        "deadline = time.monotonic() + 20\n"
        "while widget.selected_class != 3 and time.monotonic() < deadline: await __import__('asyncio').sleep(0.05)\n"
        "assert widget.selected_class == 3 and training.is_alive(), (widget.selected_class, training.is_alive())"
    )
    seen = int(page.locator(".nntf").get_attribute("data-snapshots"))
    page.wait_for_function("n => +document.querySelector('.nntf').dataset.snapshots > n", arg=seen)
    lab.execute("stop.set(); training.join()")
