"""The anywidget: the run's log as synced state, and one packet for every snapshot while it grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from nntf_widget.fingerprint import Fingerprint
from nntf_widget.measures import measures_of
from nntf_widget.widget.band_curves import BandCurves, band_traits
from nntf_widget.widget.curves import MARGIN, LearningCurves
from nntf_widget.widget.parts import parts_of
from nntf_widget.widget.wire import as_json, encode

STATIC = Path(__file__).parent / "static"
HEIGHT = 640  # pixels: JupyterLab in a window of 800 has room for as many


class _Log(traitlets.Bytes):
    """All packets so far, encoded when somebody asks: a new page, a reload. Never sent while epochs go out."""

    def get(self, obj: Any, cls: Any = None) -> bytes:  # noqa: ARG002 - the signature of traitlets
        return encoded_log(obj.fingerprint)


class _Facts(traitlets.Dict):
    """What the page needs to know besides; computed when somebody asks, so that no thread has to write it."""

    def get(self, obj: Any, cls: Any = None) -> dict[str, Any]:  # noqa: ARG002 - the signature of traitlets
        return facts_of(obj.fingerprint)


class _Verdicts(traitlets.List[Any]):
    """The verdicts as of now, computed likewise."""

    def get(self, obj: Any, cls: Any = None) -> list[dict[str, Any]]:  # noqa: ARG002 - the signature of traitlets
        return verdicts_of(obj.fingerprint)


class FingerprintWidget(anywidget.AnyWidget):
    """A fingerprint in a notebook, redrawn as each epoch finishes.

    As the last line of a cell it shows the fingerprint with its learning curves below. What a person does with it is
    answered in the browser; the traits follow when the kernel is free.

    Parameters
    ----------
    fingerprint : Fingerprint
        The run to follow.
    height : int
        What to fit the fingerprint and all plots below it into, in pixels of the screen.

    Attributes
    ----------
    fingerprint : Fingerprint
    distance : {"transition", "excess", "prediction", "both"}
        The distance shown: of transitions, the same beyond chance (`Fingerprint.excess_distance`), of predictions; with
        both, transitions above the diagonal and predictions below it.
    selected_class : int or None
        The class drilled into.
    selected_epochs : tuple of two int, or None
        The pinned cell of the distance shown, its row and its column; with both distances, the side tells which.
    focused_epoch : int or None
        The snapshot whose matrix and moves are shown beside the fingerprint; None for the newest.
    epoch_range : tuple of int and (int or None), or None
        The first and the last snapshot that all plots show; None for all. A last one of None is the newest, with which
        the range keeps up: ``(5, None)`` hides the first five. All are shown until the run has two of the range.
    height : int
        As the parameter; 300 at least.
    """

    # As text: for a path, anywidget keeps every widget for as long as the file may change.
    _esm = (STATIC / "widget.js").read_text(encoding="utf-8")
    _css = (STATIC / "widget.css").read_text(encoding="utf-8")

    # Python's: the page only reads them.
    facts = _Facts(read_only=True).tag(sync=True)
    log = _Log(read_only=True).tag(sync=True)
    verdicts = _Verdicts(read_only=True).tag(sync=True)

    # The page's: they follow what a person does, and may be set from Python.
    distance = traitlets.Enum(["transition", "excess", "prediction", "both"], "transition").tag(sync=True)
    selected_class = traitlets.Int(None, allow_none=True).tag(sync=True)
    selected_epochs = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=None, allow_none=True).tag(
        sync=True
    )
    focused_epoch = traitlets.Int(None, allow_none=True).tag(sync=True)
    epoch_range = traitlets.Tuple(
        traitlets.Int(), traitlets.Int(allow_none=True), default_value=None, allow_none=True
    ).tag(sync=True)

    height = traitlets.Int(HEIGHT, min=300).tag(sync=True)

    # How the page aligns the charts with its plots; the kernel is not told, and an echo would be late.
    epochs_low = traitlets.Float(-0.5).tag(sync=True, echo_update=False)
    epochs_high = traitlets.Float(0.5).tag(sync=True, echo_update=False)
    chart_margin = traitlets.Dict(MARGIN).tag(sync=True, echo_update=False)

    def __init__(self, fingerprint: Fingerprint, *, height: int = HEIGHT) -> None:
        if not isinstance(fingerprint, Fingerprint):
            raise TypeError(f"fingerprint is a {type(fingerprint).__name__}; expected a Fingerprint")
        self.fingerprint = fingerprint
        with fingerprint.lock:
            super().__init__(height=height)
            self._sent_facts, self._sent_verdicts = facts_of(fingerprint), verdicts_of(fingerprint)
            self._sent, self._sent_metrics = _end_of(fingerprint)
            self._curves = LearningCurves(self)
            self._curves.show(fingerprint.metrics, fingerprint.resumed_at)
            self.add_traits(**band_traits())
            bands = BandCurves(self)
            self._box = ipywidgets.VBox([self, self._curves, bands])
            self._box.add_class("nntf-layout")
            self._parts = [*bands.links, *parts_of(bands), self._curves, self._box.layout, self._box, self.layout]
            self._unsubscribe = fingerprint.subscribe(self._follow)
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        """Return the run's size in a line."""
        return repr(self.fingerprint).replace("Fingerprint", "FingerprintWidget", 1)

    @traitlets.validate("focused_epoch")
    def _has_snapshot(self, proposal: Any) -> int | None:
        epoch: int | None = proposal["value"]
        if epoch is not None and not 0 <= epoch < len(self.fingerprint):
            last = len(self.fingerprint) - 1
            raise traitlets.TraitError(f"focused_epoch is {epoch}; expected a snapshot from 0 to {last}, or None")
        return epoch

    @traitlets.validate("epoch_range")
    def _is_range(self, proposal: Any) -> tuple[int, int | None] | None:
        if proposal["value"] is None:
            return None
        first, last = proposal["value"]
        if first < 0 or (last is not None and last <= first):
            expected = "a first snapshot of 0 or later, and a last one after it or None"
            raise traitlets.TraitError(f"epoch_range is {(first, last)}; expected {expected}")
        return first, None if last == len(self.fingerprint) - 1 else last

    def close(self) -> None:
        """End the display and stop following the run, which goes on."""
        if self.comm is None:
            return
        with self.fingerprint.lock:
            self._unsubscribe()
            if _shown.get(self.fingerprint) is self:
                del _shown[self.fingerprint]
            for part in self._parts:
                part.close()
            super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page writes, maybe on another thread than the training's; what Python owns is not taken."""
        super().set_state(
            {name: value for name, value in sync_data.items() if name not in {"facts", "log", "verdicts"}}
        )

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = self._box._repr_mimebundle_(**options)
        if bundle is not None:
            bundle["text/plain"] = repr(self)
        return bundle

    def _follow(self) -> None:
        """Send what the run has that the page has not.

        Under the run's lock: an answer to the page, or a close on another thread, comes before all of it or after.
        """
        with self.fingerprint.lock:
            if self.comm is None:
                return
            facts, curves = facts_of(self.fingerprint), self.fingerprint.metrics
            newest = self._sent - 1
            metrics = as_json(self.fingerprint.metrics_at(newest)) if self._sent else b""
            has_more_metrics, has_other_facts = metrics != self._sent_metrics, facts != self._sent_facts
            packets = [_packet(self.fingerprint, t) for t in range(self._sent, len(self.fingerprint))]
            self._sent_facts = facts
            self._sent, self._sent_metrics = _end_of(self.fingerprint)
            try:
                if packets or has_more_metrics:  # first: of a new chart, the page sets the axes when it has the packets
                    self._curves.show(curves, facts["resumed_at"])
            finally:
                if has_other_facts:
                    self.send_state("facts")
                if has_more_metrics:
                    self.send({"type": "metrics", "t": newest}, buffers=[metrics])
                for packet in packets:
                    self.send({"type": "snapshot"}, buffers=[packet])
            verdicts = verdicts_of(self.fingerprint)  # last, so that no epoch waits for them
            if verdicts != self._sent_verdicts:
                self._sent_verdicts = verdicts
                self.send_state("verdicts")

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Send the whole log to a page that missed a packet."""
        if isinstance(content, dict) and content.get("type") == "resend":
            with self.fingerprint.lock:
                self.send_state(["facts", "log", "verdicts"])


def facts_of(run: Fingerprint) -> dict[str, Any]:
    """Return what the page needs to know of a run besides its log."""
    return {
        "num_samples": run.num_samples,
        "num_classes": run.num_classes,
        "class_names": run.class_names,
        "unit": run.unit,
        "faults": run.faults,
        "ended": run.ended,
        "resumed_at": list(run.resumed_at),
        "measures": measures_of(run.metrics),
    }


def verdicts_of(run: Fingerprint) -> list[dict[str, Any]]:
    """Return what the page says of a run in words; a fault in it is reported."""
    told: list[dict[str, Any]] = []
    with run.lock, run.reporting("A verdict"):
        ids = {name: class_ for class_, name in enumerate(run.class_names)}
        told.extend(
            {
                "name": verdict.name,
                "epochs": list(verdict.epochs),
                "classes": [ids[name] for name in verdict.classes],
                "sentence": verdict.sentence,
            }
            for verdict in run.verdicts()
        )
    return told


def encoded_log(run: Fingerprint) -> bytes:
    """Return all snapshots so far as packets end to end."""
    with run.lock:
        return b"".join(_packet(run, t) for t in range(len(run)))


def _end_of(run: Fingerprint) -> tuple[int, bytes]:
    """Return how many snapshots there are, and the newest one's metrics."""
    return len(run), as_json(run.metrics_at(len(run) - 1)) if len(run) else b""


def _packet(run: Fingerprint, t: int) -> bytes:
    assert run.num_samples is not None, "a run with snapshots has samples"
    assert run.num_classes is not None, "and classes"
    return encode(run.snapshot(t), run.num_samples, run.num_classes)


_shown: dict[Fingerprint, FingerprintWidget] = {}  # open widgets, which ipywidgets keeps alive in any case


def widget_of(fingerprint: Fingerprint) -> FingerprintWidget:
    """Return the widget that displays this fingerprint, the same one as long as it is open."""
    if fingerprint not in _shown:
        _shown[fingerprint] = FingerprintWidget(fingerprint)
    return _shown[fingerprint]
