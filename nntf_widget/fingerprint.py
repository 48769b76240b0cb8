"""The kernel-side model of a training run: one `update` for each snapshot, every array kept up to date."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nntf_widget.checks import (
    checked_choice,
    checked_count,
    checked_index,
    checked_length,
    checked_metrics,
    checked_names,
    checked_share,
)
from nntf_widget.distances import LagProfile, class_transition_distance
from nntf_widget.interrupts import interrupts_wait
from nntf_widget.predictions import ClassIds, class_ids, predicted_classes, width
from nntf_widget.record import Distance, Record, Snapshot
from nntf_widget.recurrence import Convention, Recurrence, RecurrenceHistory, RecurrenceTable, bands, between
from nntf_widget.samples import Samples
from nntf_widget.training_map import ConfidenceTally, TrainingMap, checked_probabilities, true_class_probabilities
from nntf_widget.trajectory import Layout, Trajectory
from nntf_widget.verdicts import Thresholds, Verdicts, judge

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from nntf_widget.dynamics import Dynamics

DISTANCES = ("transition", "prediction")


class FingerprintWarning(UserWarning):
    """A fault of ours that was kept from the training: what failed, and what it costs."""


class Fingerprint:
    """The Neural Network Training Fingerprint of a run, kept up to date snapshot by snapshot.

    Ferreira, Cantareira, de Mello, Paulovich: Neural network training fingerprint: visual analytics of the training
    process in classification neural networks. Journal of Visualization 25, 593-612, 2022. Symbols as there: N samples
    in a fixed order, K classes, snapshots t = 0 … T-1.

    One update costs what moved in it, plus one row of each distance.

    Parameters
    ----------
    num_classes : int, optional
        K. Left out, it is the number of class names, or the number of columns of the first scores.
    class_names : sequence of K different str, optional
        By default "0", "1", ….
    log : str or path, optional
        Where to keep the run on disk as it goes, a transaction an update. A log of the same classes that is there
        already is taken up: the run goes on from its last snapshot.
    every : int
        Record every so many updates only: the first, and so on. What comes between is checked and left out.
    max_snapshots : int, optional
        Hold no more than so many snapshots, 2 or more: once they are reached, every second one is dropped, and from
        then on only half as many updates are recorded. The run then is as if it had been so from the beginning.
    strict : bool
        Raise faults of capture, log and display instead of reporting them. For tests.
    samples : array, sequence or callable, optional
        What the samples look like, for the display: see `samples`.

    Attributes
    ----------
    every : int
        How many updates apart the snapshots are: snapshot t is update t · every.
    resumed_at : list of int
        The snapshots before which the run was interrupted and taken up again from its log.
    incomplete : list of int
        The snapshots since whose predecessor capture failed somewhere, so that samples may have kept an older class.
        A log does not keep them.

    Examples
    --------
    >>> import numpy as np, nntf_widget as nntf
    >>> fp = nntf.Fingerprint(num_classes=3)
    >>> for predictions in ([0, 1, 2, 2], [0, 1, 1, 2], [0, 1, 2, 2]):
    ...     fp.update(np.array(predictions), metrics={"loss": 0.3})
    >>> fp.prediction_distance
    array([[0, 1, 0],
           [1, 0, 1],
           [0, 1, 0]])
    >>> fp.transition_distance
    array([[0., 1.],
           [1., 0.]])
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        num_classes: int | None = None,
        class_names: Sequence[str] | None = None,
        *,
        log: str | os.PathLike[str] | None = None,
        every: int = 1,
        max_snapshots: int | None = None,
        strict: bool = False,
        samples: Any = None,
    ) -> None:
        self._class_names = None if class_names is None else checked_names(class_names)
        if num_classes is None:
            num_classes = len(self._class_names) if self._class_names else None
        self._num_classes = None if num_classes is None else checked_count(num_classes)
        if self._class_names and len(self._class_names) != self._num_classes:
            raise ValueError(
                f"class_names has {len(self._class_names)} names; expected num_classes = {self._num_classes}"
            )
        self.every = checked_length(every, "every", 1)
        self._max_snapshots = None if max_snapshots is None else checked_length(max_snapshots, "max_snapshots", 2)
        if log is not None and max_snapshots is not None:
            raise ValueError("max_snapshots drops what a log has kept already; expected only one of it and log")
        self._updates = 0
        self.strict = strict
        self.lock = threading.RLock()
        """Guards the run: hold it to read several arrays of one moment while another thread may update."""
        self._record: Record | None = None
        self._recurrences: dict[Any, Recurrence] = {}
        self._recurrence_history = RecurrenceHistory()
        self._lag_profile = LagProfile()
        self._layouts: dict[tuple[str, int], Layout] = {}
        self._confidence: ConfidenceTally | None = None
        self._labels: ClassIds | None = None
        self._labelled_at = 0
        self._metrics: list[dict[str, float]] = []
        self._faults: dict[str, str] = {}
        self._subscribers: list[Callable[[], None]] = []
        self._samples: Samples | None = None
        if samples is not None:
            self.samples = samples
        self.resumed_at: list[int] = []
        self.incomplete: list[int] = []
        self._capture_failed = False
        if log is not None:
            from nntf_widget.run_log import record

            record(self, log)

    def update(
        self,
        predictions: Any,
        labels: Any = None,
        metrics: Mapping[str, Any] | None = None,
        *,
        probabilities: Any = None,
    ) -> None:
        """Record the next snapshot.

        Parameters
        ----------
        predictions : array of shape (N,) or (N, K)
            Class ids of any integer type, or scores, logits or probabilities of which the largest is taken: a NumPy
            array, a torch tensor, or whatever has ``__array__`` or DLPack, on any device. The samples stand in the
            same order at every snapshot.
        labels : array of shape (N,), optional
            The true class ids. They belong to the samples, so one snapshot that has them is enough.
        metrics : mapping of str to number, optional
            Learning-curve values of this epoch, as ``{"loss": 0.31, "val_accuracy": 0.88}``.
        probabilities : array of shape (N,), optional
            The probability of each sample's true class, for `training_map`. Scores have it in them.

        Raises
        ------
        TypeError, ValueError
            Input that does not fit; the fingerprint stays as it was before.
        """
        with self.lock:
            num_classes = self._known_or_from(predictions)
            classes = predicted_classes(predictions, num_classes)
            self._check_length(classes, "predictions")
            truth = self._checked_labels(labels, num_classes, len(classes))
            numbers = checked_metrics(metrics)
            known = self._labels if truth is None else truth
            true = _true_class(predictions, known, probabilities)
            with interrupts_wait():  # all of it is recorded, or nothing
                recorded = self._is_due()
                self._updates += 1
                new_labels = truth if self._labels is None else None
                if new_labels is not None:
                    self._labels, self._labelled_at = new_labels, len(self)
                if recorded:
                    self._append(classes, num_classes)
                    self._metrics.append(numbers)
                    self._mark_incomplete()
                if new_labels is not None:
                    self.dynamics.know(new_labels)
                if recorded and true is not None:
                    self._confidence = self._confidence or ConfidenceTally(len(classes))
                    self._confidence.append(true, classes == known)
        self._notify()

    def __len__(self) -> int:
        """T, the number of snapshots."""
        return 0 if self._record is None else len(self._record)

    def __repr__(self) -> str:
        """Return the run's size in a line."""
        return f"<Fingerprint snapshots={len(self)} samples={self.num_samples} classes={self.num_classes}>"

    @property
    def num_samples(self) -> int | None:
        """N; None before the first snapshot."""
        return None if self._record is None else self._record.history.num_samples

    @property
    def num_classes(self) -> int | None:
        """K; None where it was not given and no scores have come yet. Whoever learns it first may set it."""
        return self._num_classes

    @num_classes.setter
    def num_classes(self, num_classes: int) -> None:
        count = checked_count(num_classes)
        if self._num_classes not in {None, count}:
            raise ValueError(f"num_classes is {count}; expected {self._num_classes}, as known already")
        self._num_classes = count

    @property
    def class_names(self) -> list[str]:
        """The K names. Whoever learns them first may set them."""
        return list(self._class_names) if self._class_names else [str(k) for k in range(self._num_classes or 0)]

    @class_names.setter
    def class_names(self, class_names: Sequence[str]) -> None:
        names = checked_names(class_names)
        if self._class_names not in (None, names):
            raise ValueError("class_names differ from those known already; expected the same")
        self.num_classes = len(names)
        self._class_names = names

    @property
    def labels(self) -> ClassIds | None:
        """The true class of every sample, shape (N,), or None."""
        return None if self._labels is None else self._labels.copy()

    @property
    def metrics(self) -> dict[str, NDArray[np.float64]]:
        """Every metric along the snapshots, shape (T,), NaN where a snapshot had none of that name."""
        with self.lock:
            names = dict.fromkeys(name for numbers in self._metrics for name in numbers)
            return {name: np.array([numbers.get(name, np.nan) for numbers in self._metrics]) for name in names}

    @property
    def class_counts(self) -> NDArray[np.int32]:
        """The number of samples predicted as each class at each snapshot, shape (T, K)."""
        with self.lock:
            if self._record is None:
                return np.zeros((0, self._num_classes or 0), np.int32)
            return self._record.transitions.class_counts

    @property
    def transitions(self) -> NDArray[np.int32]:
        """The transition matrices, shape (T-1, K, K): [t, a, b] samples went from class a at t to b at t+1.

        Raises
        ------
        MemoryError
            They would take more than 4 GiB; `transitions_sparse` always fits.
        """
        with self.lock:
            if self._record is None:
                return np.zeros((0, self._num_classes or 0, self._num_classes or 0), np.int32)
            return self._record.transitions.dense()

    @property
    def transitions_sparse(self) -> list[csr_array[np.int64]]:
        """The transition matrices as T-1 SciPy sparse arrays of shape (K, K)."""
        with self.lock:
            if self._record is None:
                return []
            transitions = self._record.transitions
            return [transitions.sparse(t) for t in range(len(transitions))]

    @property
    def transition_distance(self) -> NDArray[np.float64]:
        """The fingerprint, shape (T-1, T-1), in [0, 1]: how unlike the moves of two transitions are."""
        with self.lock:
            if self._record is None:
                return np.zeros((0, 0))
            return self._record.transition_distance.rows.square()

    def recent_transition_distance(self, count: int) -> NDArray[np.float64]:
        """Return the transition distance of the last `count` transitions alone, shape (count, count)."""
        with self.lock:
            last = max(len(self) - 1, 0)
            first = max(last - checked_length(count, "count", 0), 0)
            below = np.zeros((last - first, last - first))
            for index in range(first, last):
                below[index - first, : index - first] = self.distance_row("transition", index)[first:]
            return below + below.T

    def distance_row(self, of: Distance, index: int) -> NDArray[np.float64]:
        """Return row `index` of a distance left of its diagonal, shape (index,), in [0, 1].

        Parameters
        ----------
        of : {"transition", "prediction"}
            The transition distance, or the prediction distance as a share of N.
        index : int
            From 0 to T - 2 and to T - 1.
        """
        with self.lock:
            assert self._record is not None, "a run with rows has snapshots"
            return self._record.distance_row(of, index)

    @property
    def prediction_distance(self) -> NDArray[np.int64]:
        """The number of samples predicted differently at two snapshots, shape (T, T)."""
        with self.lock:
            if self._record is None:
                return np.zeros((0, 0), np.int64)
            return self._record.prediction_distance.rows.square().astype(np.int64)

    @property
    def dynamics(self) -> Dynamics:
        """Rates, oscillation, convergence and forgetting; hold `lock` to read several of one moment.

        Raises
        ------
        ValueError
            There is no snapshot yet.
        """
        if self._record is None:
            raise ValueError("dynamics needs a snapshot; expected an update first")
        return self._record.dynamics

    @property
    def lag_profile(self) -> NDArray[np.float64]:
        """The mean transition distance at each lag, shape (T-1,); alternating where every other epoch is alike."""
        with self.lock:
            self._catch_up(self._lag_profile)
            return self._lag_profile.means

    def history(self, sample: int) -> ClassIds:
        """Return the predicted class of one sample at every snapshot, shape (T,)."""
        with self.lock:
            index = checked_index(sample, "sample", self.num_samples or 0)
            assert self._record is not None, "a run with samples has snapshots"
            return self._record.history.of_samples(np.array([index]))[0]

    def most_forgotten(self, k: int = 10, class_: int | str | None = None) -> NDArray[np.intp]:
        """Return the up to `k` samples that were forgotten most often, of one true class or of all, the worst first."""
        with self.lock:
            return self._ranked(self.dynamics.forgetting_events, k, class_)

    def most_oscillating(self, k: int = 10, class_: int | str | None = None) -> NDArray[np.intp]:
        """Return the up to `k` samples that went straight back most often, of one true class or of all."""
        with self.lock:
            return self._ranked(self.dynamics.return_counts, k, class_)

    def never_learned(self, class_: int | str | None = None) -> NDArray[np.intp]:
        """Return the samples that were never predicted rightly, of one true class or of all, ascending."""
        with self.lock:
            never = self.dynamics.learned_at < 0
            return np.flatnonzero(never if class_ is None else never & self._of_class(class_))

    @property
    def training_map(self) -> TrainingMap:
        """The training-dynamics map: each sample's mean and spread of the true class's probability (EMNLP 2020).

        Over the updates that came with scores or `probabilities`; a run log does not keep those.

        Raises
        ------
        ValueError
            No recorded update had scores or probabilities while the true classes were known.
        """
        with self.lock:
            if self._confidence is None:
                raise ValueError(
                    "training_map needs the true classes and scores (N, K) or probabilities (N,); "
                    "expected both in an update"
                )
            return self._confidence.map()

    def verdicts(  # noqa: PLR0913 - each has a default
        self,
        *,
        window: int = 4,
        still: float = 0.01,
        falling: float = 0.9,
        rising: float = 1.5,
        returning: float = 0.6,
        alternating: float = 0.1,
        gain: float = 0.01,
        drop: float = 0.1,
    ) -> Verdicts:
        """Return what the last epochs say: converged, converging, oscillating, plateau or diverging, and why.

        The rules stand in `nntf_widget.verdicts`. Without enough evidence there is no verdict, and ``.missing`` says
        what is needed.

        Parameters
        ----------
        window : int
            How many transitions a rate is averaged over; twice as many are needed.
        still : float
            The change rate, a share of the samples, up to which a run counts as still.
        falling, rising : float
            The change rate as a multiple of that in the window before: at most `falling` is convergence, at least
            `rising` divergence.
        returning : float
            The share of moves that go straight back which is oscillation.
        alternating : float
            By how much the distance of transitions a period apart falls below that of nearer and of farther ones in an
            oscillation.
        gain, drop : float
            The rise of accuracy against the window before that is convergence; the fall below its best that is
            divergence.
        """
        shares = {"still": still, "falling": falling, "returning": returning, "alternating": alternating}
        shares |= {"gain": gain, "drop": drop}
        for argument, share in shares.items():
            checked_share(share, argument)
        if not rising >= 1:
            raise ValueError(f"rising is {rising}; expected 1 or more")
        bounds = Thresholds(checked_length(window, "window", 2), rising=rising, **shares)
        with self.lock:
            return judge(self, bounds)

    def class_transition_distance(self, class_: int | str) -> NDArray[np.float64]:
        """Return the transition distance over only the moves from and to one class, shape (T-1, T-1).

        Parameters
        ----------
        class_ : int or str
            The class's id or name.
        """
        index = self._class_index(class_)
        with self.lock:
            if self._record is None:
                return np.zeros((0, 0))
            return class_transition_distance(self._record.transitions, index)

    def recurrence(  # noqa: PLR0913 - each has a default
        self,
        l_min: int = 2,
        v_min: int | None = None,
        *,
        convention: Convention = "paper",
        of: Distance = "transition",
        width: float = 0.05,
        edges: Sequence[float] | None = None,
        theiler: int = 0,
    ) -> RecurrenceTable:
        """Return the recurrence quantification of a distance, band by band.

        The lines are kept as the run grows: the first call reads the whole run, the next only what came since.

        Parameters
        ----------
        l_min : int
            The shortest diagonal line that counts, in snapshots.
        v_min : int, optional
            The shortest vertical line that counts; by default `l_min`.
        convention : {"paper", "standard"}
            As the authors' program computes laminarity and entropy (a line that fills a column counts one less; the
            entropy's P is over the cells of the counted lines, with ln(P + 1e-8)), or as Marwan et al., Physics
            Reports 438, 2007.
        of : {"transition", "prediction"}
            The transition distance, or the prediction distance as a share of N.
        width : float
            The bands' width; band b holds a = width · b ≤ D ≤ a + width, a rounded free of noise.
        edges : sequence of rising float, optional
            The bands between these instead.
        theiler : int
            With 1, leave the main diagonal out; with w, all nearer to it than w.

        Returns
        -------
        RecurrenceTable
            A row a band; ``.best_laminarity`` and ``.best_entropy`` are the rows that the paper picks.

        Raises
        ------
        TypeError, ValueError
            A parameter that does not fit.
        """
        checked_choice(convention, ("paper", "standard"), "convention")
        checked_choice(of, DISTANCES, "of")
        shortest = checked_length(l_min, "l_min", 1)
        v_shortest = shortest if v_min is None else checked_length(v_min, "v_min", 1)
        lower, upper = bands(width) if edges is None else between(edges)
        key = (of, lower.tobytes(), upper.tobytes(), checked_length(theiler, "theiler", 0))
        with self.lock:
            lines = self._recurrences.setdefault(key, Recurrence(lower, upper, theiler))
            self._catch_up(lines, of)
            return lines.measures(shortest, v_shortest, convention)

    @property
    def recurrence_history(self) -> RecurrenceHistory:
        """The best bands' laminarity and entropy at each snapshot so far: of the transition distance, as the paper."""
        with self.lock:
            self._catch_up(self._recurrence_history)
            return self._recurrence_history

    def trajectory(self, of: Distance = "transition", every: int = 1) -> Trajectory:
        """Return the run as a path in the plane, by metric multidimensional scaling.

        Each call goes on from the layout of the one before, and is turned onto it. It costs the square of the number
        of points, and needs scikit-learn.

        Parameters
        ----------
        of : {"transition", "prediction"}
            The transition distance, for a point a transition, or the prediction distance as a share of N, for a point
            a snapshot.
        every : int
            Take only every so many-th of them.

        Raises
        ------
        ImportError
            scikit-learn is not installed.
        """
        checked_choice(of, DISTANCES, "of")
        key = (of, checked_length(every, "every", 1))
        with self.lock:
            if key not in self._layouts:
                finer = self._layouts.get((of, every // 2)) if every % 2 == 0 else None
                self._layouts[key] = finer.thinned() if finer else Layout()
            distance = np.zeros((0, 0)) if self._record is None else self._record.distance_of_every(of, every)
            return self._layouts[key].update(distance)

    def predictions(self, t: int) -> ClassIds:
        """Return the predicted class of every sample at snapshot t, shape (N,); a negative t counts from the end."""
        with self.lock:
            if self._record is None or not -len(self) <= t < len(self):
                raise IndexError(f"t is {t}; expected a snapshot from 0 to {len(self) - 1}")
            return self._record.history.snapshot(t % len(self))

    def snapshot(self, t: int) -> Snapshot:
        """Return the entry of the change log that snapshot t added, for t = 0 … T-1."""
        with self.lock:
            t = checked_index(t, "t", len(self))
            assert self._record is not None, "a run with snapshots has a record"
            history = self._record.history
            everyone = history.snapshot(t)
            moved = history.moves(t).samples if t else np.arange(len(everyone))
            return Snapshot(
                t=t,
                samples=moved,
                classes=everyone[moved],
                all_classes=everyone,
                transition_row=self._record.distance_row("transition", t - 1) if t else np.zeros(0),
                prediction_row=self._record.prediction_distance.rows.row(t),
                metrics=dict(self._metrics[t]),
                labels=self._labels if t == self._labelled_at else None,
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to a log that `nntf_widget.load` reads.

        Parameters
        ----------
        path : str or path
            A log that has the beginning of this same run gets what it lacks; any other file is left as it is.

        Raises
        ------
        RunLogError
            The file cannot be written, or holds something else.
        """
        from nntf_widget.run_log import save

        save(self, path)

    def to_html(self, path: str | os.PathLike[str], title: str = "Training fingerprint") -> None:
        """Write the run as one HTML file that shows it without a kernel and without a network.

        Parameters
        ----------
        path : str or path
            The file; one that is there is replaced.
        title : str
            The page's title, which also stands above the fingerprint.
        """
        from nntf_widget.widget.page import page_of

        Path(path).write_text(page_of(self, title), encoding="utf-8")

    def to_png(self, path: str | os.PathLike[str]) -> None:
        """Write the run's last state as a PNG picture, without a browser.

        Letters are those of DejaVu Sans, Arial or Helvetica, whichever the computer has; one that they lack is a
        question mark. `to_svg` leaves the letters to whatever shows it.

        Parameters
        ----------
        path : str or path
            The file; one that is there is replaced.
        """
        from nntf_widget.picture import as_png

        Path(path).write_bytes(as_png(self))

    def to_svg(self, path: str | os.PathLike[str]) -> None:
        """Write the run's last state as an SVG picture, without a browser.

        Parameters
        ----------
        path : str or path
            The file; one that is there is replaced.
        """
        from nntf_widget.picture import as_svg

        Path(path).write_text(as_svg(self), encoding="utf-8")

    def subscribe(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call `on_change` after every update and every reported fault; return what ends that."""
        self._subscribers.append(on_change)
        return lambda: self._subscribers.remove(on_change)

    @property
    def samples(self) -> Samples | None:
        """What the samples look like, None where nobody said: set it to pictures, texts or a function.

        An array of pictures, shape (N, H, W), (N, H, W, C) or (N, C, H, W) with 1, 3 or 4 channels, of integers from 0
        to 255 or floats from 0 to 1 (others are stretched from their lowest to their highest); a sequence of pictures
        of any sizes, or of N str; or a function from a sample's place, an int, to a picture or a str.

        Raises
        ------
        TypeError, ValueError
            Something else, or another number than the run's.
        """
        return self._samples

    @samples.setter
    def samples(self, samples: Any) -> None:
        known = None if samples is None else Samples(samples)
        if known is not None and not known.is_function and self.num_samples not in {None, len(known)}:
            raise ValueError(f"samples has {len(known)} items; expected {self.num_samples}, as many as predictions")
        self._samples = known
        self._notify()

    @property
    def faults(self) -> list[str]:
        """What failed in capture or display, in a sentence each; the training went on."""
        return list(self._faults.values())

    def capture_failed(self, error: Exception) -> None:
        """Report a fault of capture, as `report` does, and mark the next snapshot as incomplete."""
        with self.lock:
            self._capture_failed = True
        self.report("Capture", error)

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Keep a fault of capture within the block from the training: it goes to `capture_failed`."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
            self.capture_failed(error)

    def report(self, where: str, error: Exception) -> None:
        """Report a fault of ours once: as a warning, and to whoever shows the run. With ``strict=True``, raise it.

        Parameters
        ----------
        where : str
            What failed, as the words before the colon: "capture of the batch".
        error : Exception
        """
        if self.strict:
            raise error
        if where in self._faults:
            return
        self._faults[where] = f"{where} failed: {type(error).__name__}: {error}"
        warnings.warn(f"{self._faults[where]}. The training goes on.", FingerprintWarning, stacklevel=2)
        self._notify()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Display as the widget: the one place where the core reaches up, and only when a notebook asks."""
        from nntf_widget.widget import widget_of

        return widget_of(self)._repr_mimebundle_(**options)

    def _display_(self) -> Any:
        """Display as the widget in marimo, which asks so; it has no bqplot, and shows the widget without its charts."""
        from nntf_widget.widget import widget_of

        return widget_of(self)

    def _notify(self) -> None:
        for on_change in list(self._subscribers):
            try:
                on_change()
            except Exception as error:  # noqa: BLE001 - no fault of a display may end somebody's training
                self.report("Display", error)

    def _append(self, classes: ClassIds, num_classes: int) -> None:
        if self._record is None:
            self._num_classes, self._record = num_classes, Record(classes, num_classes)
        else:
            self._record.append(classes)

    def _mark_incomplete(self) -> None:
        if self._capture_failed:
            self.incomplete.append(len(self) - 1)
            self._capture_failed = False

    def _is_due(self) -> bool:
        """Tell whether to record this update; make room for it where `max_snapshots` are held."""
        if self._updates % self.every:
            return False
        if len(self) == self._max_snapshots:
            self._halve()
        return self._updates % self.every == 0

    def _halve(self) -> None:
        """Drop every second snapshot; but for the training-dynamics map, as if they had never been recorded."""
        assert self._record is not None, "a full run has snapshots"
        self._record = self._record.thinned()
        self._recurrences, self._recurrence_history, self._lag_profile = {}, RecurrenceHistory(), LagProfile()
        self._layouts = {}
        self._metrics = self._metrics[::2]
        halves = {-(-t // 2) for t in self.incomplete}  # what a dropped snapshot lacks, the next one may lack
        self._capture_failed |= len(self) in halves
        self.incomplete = sorted(halves - {len(self)})
        self._labelled_at = 0
        if self._labels is not None:
            self.dynamics.know(self._labels)
        self.every *= 2

    def _catch_up(self, reader: Recurrence | RecurrenceHistory | LagProfile, of: Distance = "transition") -> None:
        """Give a reader of a distance the rows that it has not seen."""
        for index in range(len(reader), max(len(self) - (of == "transition"), 0)):
            reader.append(self.distance_row(of, index))

    def _ranked(self, counts: NDArray[np.int32], k: int, class_: int | str | None) -> NDArray[np.intp]:
        """Return the samples of the largest counts above 0, ties by their number."""
        counted = counts > 0 if class_ is None else (counts > 0) & self._of_class(class_)
        samples = np.flatnonzero(counted)
        return samples[np.argsort(-counts[samples], kind="stable")][: checked_length(k, "k", 1)]

    def _of_class(self, class_: int | str) -> NDArray[np.bool_]:
        if self._labels is None:
            raise ValueError("class_ needs the true classes; expected labels= in an update")
        return self._labels == self._class_index(class_)

    def _known_or_from(self, predictions: Any) -> int:
        if self._num_classes is not None:
            return self._num_classes
        columns = width(predictions)
        if columns is None:
            raise ValueError("num_classes is not known; expected it, or class_names, or scores of shape (N, K)")
        return checked_count(columns)

    def _check_length(self, ids: ClassIds, argument: str) -> None:
        if self.num_samples not in {None, len(ids)}:
            raise ValueError(
                f"{argument} has {len(ids)} samples; expected {self.num_samples}, "
                "as in the snapshots before, in the same order"
            )
        if self._samples is not None and not self._samples.is_function and len(ids) != len(self._samples):
            raise ValueError(f"{argument} has {len(ids)} samples; expected {len(self._samples)}, as many as samples=")

    def _checked_labels(self, labels: Any, num_classes: int, num_samples: int) -> ClassIds | None:
        if labels is None:
            return None
        if width(labels) is not None:
            raise ValueError(f"labels has shape {tuple(np.shape(labels))}; expected ({num_samples},) class ids")
        truth = class_ids(labels, num_classes, "labels")
        if len(truth) != num_samples:
            raise ValueError(f"labels has {len(truth)} samples; expected {num_samples}, as many as predictions")
        if self._labels is not None and not np.array_equal(truth, self._labels):
            changed = int(np.count_nonzero(truth != self._labels))
            raise ValueError(
                f"labels differ from those given before for {changed} of {num_samples} samples; "
                "expected the same samples in the same order"
            )
        return truth

    def _class_index(self, class_: int | str) -> int:
        names = self.class_names
        if isinstance(class_, str):
            if class_ not in names:
                raise ValueError(f"class_ is {class_!r}; expected one of {names}")
            return names.index(class_)
        return checked_index(class_, "class_", len(names))


def _true_class(predictions: Any, labels: ClassIds | None, probabilities: Any) -> NDArray[np.float64] | None:
    """Return the probability of every sample's true class, as it was given or as the scores tell it."""
    if labels is None and probabilities is not None:
        raise ValueError("probabilities came without labels; expected labels in this update or in one before")
    if labels is None:
        return None
    if probabilities is not None:
        return checked_probabilities(probabilities, len(labels))
    return None if width(predictions) is None else true_class_probabilities(predictions, labels)
