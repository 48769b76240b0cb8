"""A fingerprint that has not the whole width of the page: the training's beside the validation's, grids, outputs."""

from __future__ import annotations

import pytest
from lab import Notebook, comes_to, write_notebook

WATCH = """
from pathlib import Path
import ipywidgets, time, torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset
import nntf_widget as nntf
pixels, classes = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(pixels / 16, dtype=torch.float32), torch.tensor(classes))
train_loader = DataLoader(torch.utils.data.Subset(data, range(1000)), batch_size=50, shuffle=True)
val_loader = DataLoader(torch.utils.data.Subset(data, range(1000, 1797)), batch_size=100)
model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
run = nntf.watch(model, train_loader, strict=True)
validated = nntf.watch(model, val_loader, strict=True)
ipywidgets.HBox([
    nntf.FingerprintWidget(run.fingerprint, title="Training"),
    nntf.FingerprintWidget(validated.fingerprint, title="<b>Validation</b>"),
])
"""
TRAIN = """
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
deadline = time.monotonic() + 300
for epoch in range(8):
    for x, y in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        for x, y in val_loader:
            model(x)
while not Path("stop").exists() and time.monotonic() < deadline:
    time.sleep(0.1)
"""


@pytest.mark.parametrize("width", [1000, 1900])
def test_both_grow_side_by_side_and_each_is_drilled_into_alone(browser, address, folder, screenshots, width):
    name = f"validation{width}.ipynb"
    write_notebook(folder / name, [WATCH, TRAIN])
    page = browser.new_page(viewport={"width": width, "height": 1500})
    lab = Notebook(page, address, name)
    lab.run_all()
    views = page.locator(".nntf")
    comes_to(page, lambda: [view.get_attribute("data-snapshots") for view in views.all()], ["8", "8"], 120)
    assert page.locator(".nntf-title").all_inner_texts() == ["Training", "<b>Validation</b>"]
    views.nth(1).locator(".nntf-class").first.click()
    comes_to(page, lambda: [view.get_attribute("data-class") for view in views.all()], ["", "0"])
    assert lab.is_running(1)
    page.screenshot(path=screenshots / f"validation-{width}.png")
    left, right = (view.bounding_box() for view in views.all())
    assert left["x"] + left["width"] <= right["x"] or left["y"] + left["height"] <= right["y"]
    assert right["x"] + right["width"] <= page.locator(".jp-OutputArea").first.bounding_box()["x"] + width
    (folder / "stop").touch()
    lab.wait_for(1)
    page.close()
    (folder / "stop").unlink()


CONTAINERS = """
import ipywidgets
import nntf_widget as nntf
run = nntf.Fingerprint(3)
for classes in ([0, 1, 2], [0, 2, 2], [1, 2, 0]):
    run.update(classes)
output = ipywidgets.Output()
with output:
    display(run)
views = [nntf.FingerprintWidget(run) for _ in range(3)]
grid = ipywidgets.GridBox(views[:2], layout={"grid_template_columns": "1fr 1fr"})
ipywidgets.VBox([ipywidgets.HBox([output, ipywidgets.Button()]), grid, ipywidgets.Tab([views[2]])])
"""


def test_containers_of_all_kinds_leave_it_room_and_hold_it(page, address, folder):
    write_notebook(folder / "containers.ipynb", [CONTAINERS])
    lab = Notebook(page, address, "containers.ipynb")
    lab.run_all()
    lab.wait_for(0)
    views = page.locator(".nntf")
    comes_to(page, lambda: [view.get_attribute("data-snapshots") for view in views.all()], ["3"] * 4)
    edge = page.locator(".jp-OutputArea").first.bounding_box()
    for view in views.all():
        box = view.bounding_box()
        assert box["width"] >= 480
        assert box["x"] + box["width"] <= edge["x"] + edge["width"]
