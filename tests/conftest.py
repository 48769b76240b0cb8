from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: threads on tensors this small only wait

import pytest
from hypothesis import HealthCheck, settings
from lab import chromium
from reference import SHARED

# No input is too slow on a machine that stands still for a minute.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def shared():
    """The folder with reference results and data sets that may lie beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the reference folder {SHARED.name} beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def browser():
    """One for all suites: Playwright cannot be entered twice in a process."""
    with chromium() as browser:
        yield browser
