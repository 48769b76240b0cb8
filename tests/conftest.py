from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from reference import SHARED

# What is drawn is the same every time, so that a run fails for what changed; `--hypothesis-profile=long` draws anew.
PATIENT = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
}
settings.register_profile("short", settings(derandomize=True, max_examples=200, **PATIENT))
settings.register_profile("long", settings(max_examples=5000, **PATIENT))
settings.load_profile("short")


@pytest.fixture(scope="session")
def shared():
    """The folder with reference results and data sets that may lie beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the reference folder {SHARED.name} beside the checkout")
    return SHARED


@pytest.fixture
def open_folder(tmp_path_factory):
    """A folder that other users may look into."""
    folder = tmp_path_factory.mktemp("open")
    for parent in [folder, *folder.parents][:3]:
        parent.chmod(0o755)
    return folder
