"""The Jupyter widgets: what a notebook shows of a fingerprint, and of several."""

from nntf_widget.widget.comparing import ComparisonWidget, compare
from nntf_widget.widget.widget import FingerprintWidget, widget_of

__all__ = ["ComparisonWidget", "FingerprintWidget", "compare", "widget_of"]
