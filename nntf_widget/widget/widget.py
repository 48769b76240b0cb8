"""The anywidget: the run's log as synced state, and one packet for every snapshot while it grows."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from nntf_widget.checks import checked_length
from nntf_widget.fingerprint import Fingerprint
from nntf_widget.widget.charts import Charts, apart, is_due
from nntf_widget.widget.keeping import Keeper
from nntf_widget.widget.sample_wire import Sent, reply, sent_up_front
from nntf_widget.widget.saved_log import SavedLog, encoded_log, packets_of

STATIC = Path(__file__).parent / "static"
TITLE = "Training fingerprint"
UP_FRONT = 4_000_000
SAVED_LOG_LIMIT = 4 * 2**20
YOUNG = {1, 2, 4, 8, 16, 32, 64}  # snapshots after which the log goes out once more
YOUNG_SIZE = 1_000_000  # if the run has no more predictions
PYTHONS = {"facts", "log", "sample_bytes"}
LINKED = {"sync": True, "echo_update": False}


class _Log(traitlets.Bytes):
    """The packets so far, encoded when somebody asks: a new page, a reload. While epochs go out, only the first few."""

    def get(self, obj: Any, cls: Any = None) -> bytes:  # noqa: ARG002 - the signature of traitlets
        return obj.saved_log.encoded()


class FingerprintWidget(anywidget.AnyWidget):
    """A fingerprint in a notebook, redrawn as each epoch finishes.

    As the last line of a cell it shows the fingerprint with its learning curves below. What a person does with it is
    answered in the browser; the traits follow when the kernel is free.

    Parameters
    ----------
    fingerprint : Fingerprint
        The run to follow.
    title : str
        What stands above it: which run it is, where there are several.
    samples : array, sequence or callable, optional
        What the samples look like: `Fingerprint.samples`, which it sets.
    samples_up_front : int
        The bytes that the pictures or texts of all samples may take to be sent, and saved in the notebook, with the
        widget. What is more, and what a function gives, the page asks for sample by sample; that is answered when the
        kernel is free.
    saved_log_limit : int
        The bytes that the run may take in the saved notebook, which stores 4 for 3 of them. Of a longer run every 2nd,
        4th, … snapshot is saved, so many as fit; `nntf_widget.widget.saved_log` tells how many bytes one takes. A page
        with a kernel shows all of it in any case.

    Attributes
    ----------
    fingerprint : Fingerprint
    distance : {"transition", "prediction", "both"}
        The distance shown; with "both", transitions above the diagonal and predictions below.
    selected_class : int or None
        The class drilled into.
    selected_epochs : tuple of two int, or None
        The pinned cell of the distance shown.
    selected_samples : list of int
        The samples that a person clicked, as places in the order of the predictions.
    epoch_range : tuple of two int, or None
        The first and the last epoch shown; None for all.
    epoch : int or None
        The epoch stepped to, whose moves are shown as a matrix; None for the latest.
    band : list of two float, or None
        The transition distances, from the first to the second, both included, that are brought out in the heatmap
        while the others are dimmed; None brings out none.
    cursor : list of float
        The epoch pointed at, twice, as the x of a vertical line; empty where none is.
    axis_low, axis_high : float
        The ends of the epoch axis as it is drawn, for charts beside the fingerprint.
    axis_ticks : list of int
        The epochs named on it.
    class_epochs, class_moves, class_label : list of int, list of float, str
        The moves of the class drilled into, for each epoch a share of all samples, and their name; empty for the whole.
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"

    # Python's: the page only reads them.
    facts = traitlets.Dict(read_only=True).tag(sync=True)
    log = _Log(read_only=True).tag(sync=True)
    sample_bytes = traitlets.Bytes(read_only=True).tag(sync=True)

    # The page's: they follow what a person does, and may be set from Python.
    distance = traitlets.Enum(["transition", "prediction", "both"], "transition").tag(sync=True)
    selected_class = traitlets.Int(None, allow_none=True).tag(sync=True)
    selected_epochs = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=None, allow_none=True).tag(
        sync=True
    )
    selected_samples = traitlets.List(traitlets.Int()).tag(sync=True)
    epoch_range = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=None, allow_none=True).tag(sync=True)
    epoch = traitlets.Int(None, allow_none=True, min=0).tag(sync=True)
    band = traitlets.List(traitlets.Float(), None, allow_none=True).tag(sync=True)

    # The page's, for the charts beside it, which are linked to them in the browser. A value comes here with the next
    # that somebody chooses, when it is old: its echo would put the page back.
    cursor = traitlets.List(traitlets.Float()).tag(**LINKED)
    marked = traitlets.List(traitlets.Int()).tag(**LINKED)
    axis_low = traitlets.Float(-0.5).tag(**LINKED)
    axis_high = traitlets.Float(0.5).tag(**LINKED)
    axis_ticks = traitlets.List(traitlets.Int()).tag(**LINKED)
    class_epochs = traitlets.List(traitlets.Int()).tag(**LINKED)
    class_moves = traitlets.List(traitlets.Float()).tag(**LINKED)
    class_label = traitlets.Unicode().tag(**LINKED)

    def __init__(
        self,
        fingerprint: Fingerprint,
        *,
        title: str = TITLE,
        samples: Any = None,
        samples_up_front: int = UP_FRONT,
        saved_log_limit: int = SAVED_LOG_LIMIT,
    ) -> None:
        if not isinstance(fingerprint, Fingerprint):
            raise TypeError(f"fingerprint is a {type(fingerprint).__name__}; expected a Fingerprint")
        if not isinstance(title, str):
            raise TypeError(f"title is a {type(title).__name__}; expected a str")
        self.fingerprint, self._title = fingerprint, title
        self._up_front = checked_length(samples_up_front, "samples_up_front", 0)
        self.saved_log = SavedLog(fingerprint, checked_length(saved_log_limit, "saved_log_limit", 0))
        if samples is not None:
            fingerprint.samples = samples
        self._sending = threading.RLock()
        with fingerprint.lock:
            super().__init__()
            self._show_samples()
            self.set_trait("facts", facts_of(fingerprint, title, self._sample_facts))
            self._sent, self._every = len(fingerprint), fingerprint.every
            self._charts = Charts(self)
            self._charts.show(fingerprint)
            self._box = ipywidgets.VBox([self, self._charts])
            self._box.add_class("nntf-layout")
            self._keeper = Keeper(fingerprint, self._send_saved_log)
            self.on_msg(self._answer)
            self._unsubscribe = fingerprint.subscribe(self._follow)  # last: from now on another thread may call

    @traitlets.validate("band")
    def _two_ends(self, proposal: Any) -> list[float] | None:
        """Take an empty list, which a selector that was cleared gives, for none."""
        band: list[float] | None = proposal["value"]
        if not band:
            return None
        if len(band) != 2 or not band[0] <= band[1]:
            raise traitlets.TraitError(f"band is {band}; expected [low, high] with low <= high, or None")
        return band

    @traitlets.validate("epoch_range")
    def _first_before_last(self, proposal: Any) -> tuple[int, int] | None:
        epochs: tuple[int, int] | None = proposal["value"]
        if epochs is not None and not 0 <= epochs[0] < epochs[1]:
            raise traitlets.TraitError(f"epoch_range is {epochs}; expected (first, last), 0 <= first < last, or None")
        return epochs

    def __repr__(self) -> str:
        """Return the run's size in a line."""
        return repr(self.fingerprint).replace("Fingerprint", "FingerprintWidget", 1)

    def close(self) -> None:
        """End the display and stop following the run, which goes on."""
        if self.comm is not None:
            self._unsubscribe()
            if _shown.get(self.fingerprint) is self:
                del _shown[self.fingerprint]
            self._charts.close()
            self._box.close()
            self._keeper.close()
        super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page writes, maybe on another thread than the training's; what Python owns is not taken."""
        taken = {name: value for name, value in sync_data.items() if name not in PYTHONS}
        with self._sending:
            super().set_state(taken)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self._keeper.shown()
        bundle = self._box._repr_mimebundle_(**options)
        if bundle is not None:
            bundle["text/plain"] = repr(self)
        return bundle

    def _follow(self) -> None:
        """Send what the run has that the page has not; the run's lock is not held while sending."""
        with self._sending:
            with self.fingerprint.lock:
                if self._samples is not self.fingerprint.samples:
                    self._show_samples()
                facts = facts_of(self.fingerprint, self._title, self._sample_facts)
                packets = list(packets_of(self.fingerprint, self._sent))
                thinned = self._every != self.fingerprint.every
                self._sent, self._every = len(self.fingerprint), self.fingerprint.every
            self.set_trait("facts", facts)
            if thinned:
                self._send_log()
                packets = []
            for packet in packets:
                self.send({"type": "snapshot"}, buffers=[packet])
            if packets and self._sent in YOUNG and self._sent * (facts["num_samples"] or 0) <= YOUNG_SIZE:
                self.send_state("log")  # a page that loaded meanwhile may have missed packets, and cannot ask
            if (packets or thinned) and is_due(self._sent):
                self._charts.show(self.fingerprint)

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Send the whole log to a page that missed a packet, or a sample to one that asks for it."""
        asked = content.get("type") if isinstance(content, dict) else None
        if asked == "resend":
            with self._sending:
                self.send_state("facts")
                self._send_log()
        if asked == "sample":
            self._send_sample(content.get("sample"))

    def _send_log(self) -> None:
        """Send the whole run to the pages that are open."""
        self.send({"type": "log"}, buffers=[encoded_log(self.fingerprint)])

    def _send_saved_log(self) -> None:
        """Have the pages that are open hold what a notebook saves."""
        with self._sending:
            if not is_due(self._sent):
                self._charts.show(self.fingerprint)
            self.send_state(["facts", "log"])

    def _send_sample(self, place: Any) -> None:
        """Answer with what the sample looks like; the user's own function is called without any lock."""
        samples, size = self.fingerprint.samples, self.fingerprint.num_samples or 0
        if samples is None or type(place) is not int or not 0 <= place < size:
            return
        try:
            content = samples.at(place)
        except Exception as error:  # noqa: BLE001 - it is somebody else's function
            self.fingerprint.report("Showing a sample", error)
            content = f"{type(error).__name__}: {error}"
        message, buffers = reply(place, content)
        with self._sending:
            self.send(message, buffers=buffers)

    def _show_samples(self) -> None:
        """Send what the samples look like, or that one has to ask."""
        self._samples = self.fingerprint.samples
        sent = Sent(None, b"")
        try:
            sent = sent_up_front(self._samples, self._up_front)
        except Exception as error:  # noqa: BLE001 - a display's fault
            self.fingerprint.report("Showing the samples", error)
        self._sample_facts = sent.facts
        self.set_trait("sample_bytes", sent.content)


def facts_of(run: Fingerprint, title: str, sample_facts: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the page needs to know of a run besides its log; of the samples, what `sent_up_front` says."""
    return {
        "title": title,
        "num_samples": run.num_samples,
        "num_classes": run.num_classes,
        "class_names": run.class_names,
        "faults": run.faults,
        "every": run.every,
        "resumed_at": list(run.resumed_at),
        "incomplete": list(run.incomplete),
        "trajectory_every": apart(len(run)),
        "samples": sample_facts,
        "verdicts": [{"kind": verdict.kind, "sentence": verdict.sentence} for verdict in run.verdicts()],
    }


_shown: dict[Fingerprint, FingerprintWidget] = {}  # open widgets, which ipywidgets keeps alive in any case


def widget_of(fingerprint: Fingerprint) -> FingerprintWidget:
    """Return the widget that displays this fingerprint, the same one as long as it is open."""
    if fingerprint not in _shown:
        _shown[fingerprint] = FingerprintWidget(fingerprint)
    return _shown[fingerprint]
