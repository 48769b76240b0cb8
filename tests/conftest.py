from __future__ import annotations

import pytest
from reference import SHARED


@pytest.fixture(scope="session")
def shared():
    """The folder with reference results and data sets that may lie beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the reference folder {SHARED.name} beside the checkout")
    return SHARED
