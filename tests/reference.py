"""Where results of other programs and real data sets may lie, beside the checkout."""

from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared"
