from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_digits
from torch.utils.data import TensorDataset


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def digits():
    """600 handwritten digits as (pixels, class)."""
    data = load_digits()
    return TensorDataset(torch.tensor(data.data[:600], dtype=torch.float32) / 16, torch.tensor(data.target[:600]))
