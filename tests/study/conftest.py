from __future__ import annotations

import sys
from pathlib import Path

import pytest

STUDY = Path(__file__).parents[2] / "notebooks" / "study"
sys.path.insert(0, str(STUDY))  # its scripts find one another as neighbours


@pytest.fixture(scope="session")
def study():
    """The folder of the study."""
    return STUDY
