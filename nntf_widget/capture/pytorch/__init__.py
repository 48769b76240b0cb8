"""PyTorch: `watch` an ordinary training loop."""

from nntf_widget.capture.pytorch.watching import Watch, watch

__all__ = ["Watch", "watch"]
