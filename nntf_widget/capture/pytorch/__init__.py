"""PyTorch: `watch` an ordinary training loop."""

from nntf_widget.capture.pytorch.ranks import is_first
from nntf_widget.capture.pytorch.watching import Watch, watch

__all__ = ["Watch", "is_first", "watch"]
