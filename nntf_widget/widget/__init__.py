"""The Jupyter widget: what a notebook shows of a fingerprint."""

from nntf_widget.widget.widget import FingerprintWidget, widget_of

__all__ = ["FingerprintWidget", "widget_of"]
