"""The kernel-side model of a training run: one `update` for each snapshot, every array kept up to date."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.caller import users_line
from nntf_widget.checks import (
    MAX_METRICS,
    checked_choice,
    checked_count,
    checked_length,
    checked_metrics,
    checked_names,
    checked_path,
)
from nntf_widget.distances import class_transition_distance
from nntf_widget.dynamics import Dynamics
from nntf_widget.excess import ExcessDistance, RecentExcess
from nntf_widget.interrupts import interrupts_wait
from nntf_widget.lag_profile import lag_profile, period
from nntf_widget.predictions import ClassIds, class_ids, label_ids, width
from nntf_widget.recurrence import Convention, Recurrence, RecurrenceHistory, RecurrenceTable, bands, between
from nntf_widget.snapshots import Snapshots
from nntf_widget.trajectory import Layout, Trajectory
from nntf_widget.verdicts import REPETITIONS, Thresholds, Verdicts, judge

if TYPE_CHECKING:
    from scipy.sparse import csr_array

UNITS = ("epoch", "snapshot")


class FingerprintWarning(UserWarning):
    """A fault of ours that was kept from the training: what failed, and what it costs."""


class Snapshot(NamedTuple):
    """What one update added to the run: the entry of the change log that every consumer reads.

    Attributes
    ----------
    t : int
        The snapshot's number, from 0.
    samples : ndarray of shape (m,)
        The samples that moved, ascending; at t = 0 all of them.
    classes : ndarray of shape (m,)
        Where they moved to.
    all_classes : ndarray of shape (N,)
        The class of every sample, moved or not.
    transition_row : ndarray of shape (max(t - 1, 0),), float64
        The transition distance of the newest transition to all earlier ones.
    prediction_row : ndarray of shape (t,), int32
        The prediction distance of this snapshot to all earlier ones.
    metrics : dict of str to float
    labels : ndarray of shape (N,) or None
        The true classes, in the snapshot that first had them.
    """

    t: int
    samples: NDArray[np.integer[Any]]
    classes: ClassIds
    all_classes: ClassIds
    transition_row: NDArray[np.float64]
    prediction_row: NDArray[np.int32]
    metrics: dict[str, float]
    labels: ClassIds | None


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
    unit : {"epoch", "snapshot"}, optional
        What the views call a snapshot: an epoch, as by default, or, where it is taken at other times, a snapshot.
    log : str or path, optional
        Where to keep the run on disk as it goes, a transaction an update. A log of the same classes that is there
        already is taken up: the run goes on from its last snapshot.
    strict : bool
        Raise faults of capture, log and display instead of reporting them. For tests.

    Attributes
    ----------
    log : Path or None
        Where the run is kept on disk as it goes.
    resumed_at : list of int
        The snapshots before which the run was interrupted and taken up again from its log.

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

    def __init__(
        self,
        num_classes: int | None = None,
        class_names: Sequence[str] | None = None,
        *,
        unit: str | None = None,
        log: str | os.PathLike[str] | None = None,
        strict: bool = False,
    ) -> None:
        self._class_names = None if class_names is None else checked_names(class_names)
        if num_classes is None:
            num_classes = len(self._class_names) if self._class_names else None
        self._num_classes = None if num_classes is None else checked_count(num_classes)
        if self._class_names and len(self._class_names) != self._num_classes:
            raise ValueError(
                f"class_names has {len(self._class_names)} names; expected num_classes = {self._num_classes}"
            )
        self._unit = None if unit is None else checked_choice(unit, UNITS, "unit")
        self.strict = strict
        self.lock = threading.RLock()
        """Guards the run: hold it to read several arrays of one moment while another thread may update.

        It is the first lock that anyone takes: no subscriber holds another lock, of ours or of its own, when it asks
        for this one, since whoever updates may hold this one while the subscribers are called.
        """
        self._snapshots: Snapshots | None = None
        self._dynamics: Dynamics | None = None
        self._excess: ExcessDistance | None = None
        self._recent_excess: RecentExcess | None = None
        self._recurrences: dict[Any, Recurrence] = {}
        self._recurrence_history = RecurrenceHistory()
        self._layouts = {"transition": Layout(), "prediction": Layout()}
        self._metric_names: set[str] = set()
        self._faults: dict[str, str] = {}
        self._subscribers: list[Callable[[], None]] = []
        self._telling = threading.Lock()
        self._has_news = False
        self.resumed_at: list[int] = []
        self._ended: str | None = None
        self.log = None if log is None else checked_path(log, "log")
        if self.log is not None:
            from nntf_widget.run_log import record

            record(self, self.log)

    def update(self, predictions: Any, labels: Any = None, metrics: Mapping[str, Any] | None = None) -> None:
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

        Raises
        ------
        TypeError, ValueError
            Input that does not fit; the fingerprint stays as it was before.
        """
        with ExitStack() as until_told:
            with self.lock:
                num_classes = self._known_or_from(predictions)
                classes = class_ids(predictions, num_classes)
                self._check_length(classes)
                truth = self._checked_labels(labels, num_classes, len(classes))
                numbers = self._checked_metrics(metrics)
                until_told.enter_context(interrupts_wait())  # what is recorded is in the log too
                self._record(classes, num_classes, numbers, truth)
                self._metric_names.update(numbers)
            self._notify()

    def add_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Add learning-curve values to the newest snapshot, as of a validation that comes after it.

        Parameters
        ----------
        metrics : mapping of str to number
            Of a name that the snapshot has already, the new value replaces the old one.

        Raises
        ------
        TypeError, ValueError
            Input that does not fit, or no snapshot yet; the fingerprint stays as it was before.
        """
        with interrupts_wait():
            with self.lock:
                numbers = self._checked_metrics(metrics)
                if self._snapshots is None:
                    raise ValueError("metrics belong to a snapshot, and there is none yet; expected an update first")
                self._snapshots.metrics[-1] = {**self._snapshots.metrics[-1], **numbers}
                self._metric_names.update(numbers)
            self._notify()

    def __len__(self) -> int:
        """T, the number of snapshots."""
        return 0 if self._snapshots is None else len(self._snapshots)

    def __repr__(self) -> str:
        """Return the run's size in a line."""
        return f"<Fingerprint snapshots={len(self)} samples={self.num_samples} classes={self.num_classes}>"

    @property
    def num_samples(self) -> int | None:
        """N; None before the first snapshot."""
        return None if self._snapshots is None else self._snapshots.history.num_samples

    @property
    def num_classes(self) -> int | None:
        """K; None where it was not given and no scores have come yet. Whoever learns it first may set it."""
        return self._num_classes

    @num_classes.setter
    def num_classes(self, num_classes: int) -> None:
        self._num_classes = self._checked_count(checked_count(num_classes))

    @property
    def class_names(self) -> list[str]:
        """The K names. Whoever learns them first may set them."""
        return list(self._class_names) if self._class_names else [str(k) for k in range(self._num_classes or 0)]

    @class_names.setter
    def class_names(self, class_names: Sequence[str]) -> None:
        names = checked_names(class_names)
        if self._class_names not in (None, names):
            raise ValueError("class_names differ from those known already; expected the same")
        if self._num_classes not in {None, len(names)}:
            raise ValueError(f"class_names has {len(names)} names; expected num_classes = {self._num_classes}")
        self._num_classes, self._class_names = checked_count(len(names)), names

    @property
    def unit(self) -> str:
        """What a snapshot is called, "epoch" or "snapshot". Once it was said, it stays."""
        return self._unit or UNITS[0]

    @unit.setter
    def unit(self, unit: str) -> None:
        if checked_choice(unit, UNITS, "unit") != (self._unit or unit):
            raise ValueError(f"unit is {unit!r}; this run is counted in {self._unit}s")
        self._unit = unit

    @property
    def labels(self) -> ClassIds | None:
        """The true class of every sample, shape (N,), or None."""
        labels = self._known_labels()
        return None if labels is None else labels.copy()

    @property
    def metrics(self) -> dict[str, NDArray[np.float64]]:
        """Every metric along the snapshots, shape (T,), NaN where a snapshot had none of that name."""
        with self.lock:
            of_snapshots = [] if self._snapshots is None else self._snapshots.metrics
            names = dict.fromkeys(name for numbers in of_snapshots for name in numbers)
            return {name: np.array([numbers.get(name, np.nan) for numbers in of_snapshots]) for name in names}

    def metrics_at(self, t: int) -> dict[str, float]:
        """Return the metrics of snapshot t, for t = 0 … T-1; those of the newest may become more."""
        with self.lock:
            if self._snapshots is None or not 0 <= t < len(self):
                raise self._no_snapshot(t)
            return dict(self._snapshots.metrics[t])

    @property
    def class_counts(self) -> NDArray[np.int32]:
        """The number of samples predicted as each class at each snapshot, shape (T, K)."""
        with self.lock:
            if self._snapshots is None:
                return np.zeros((0, self._num_classes or 0), np.int32)
            return self._snapshots.transitions.class_counts

    @property
    def transitions(self) -> NDArray[np.int32]:
        """The transition matrices, shape (T-1, K, K): [t, a, b] samples went from class a at t to b at t+1.

        Raises
        ------
        MemoryError
            They would take more than 4 GiB; `transitions_sparse` always fits.
        """
        with self.lock:
            if self._snapshots is None:
                return np.zeros((0, self._num_classes or 0, self._num_classes or 0), np.int32)
            return self._snapshots.transitions.dense()

    @property
    def transitions_sparse(self) -> list[csr_array[np.int64]]:
        """The transition matrices as T-1 SciPy sparse arrays of shape (K, K)."""
        with self.lock:
            if self._snapshots is None:
                return []
            return [self._snapshots.transitions.sparse(t) for t in range(len(self) - 1)]

    @property
    def transition_distance(self) -> NDArray[np.float64]:
        """The fingerprint, shape (T-1, T-1), in [0, 1]: how unlike the moves of two transitions are."""
        with self.lock:
            if self._snapshots is None:
                return np.zeros((0, 0))
            return self._snapshots.transition_distance.rows.square()

    @property
    def excess_distance(self) -> NDArray[np.float64]:
        """The transition distance beyond chance, shape (T-1, T-1): how much more unlike the moves are than by chance.

        0: no more unlike than if the moves of both transitions had been dealt out to them at random; 1: nothing in
        common; below 0: more alike than that, as a transition is with itself. NaN where too few samples moved to
        tell. The definition is at `nntf_widget.excess.ExcessDistance`. The first call reads the whole run, the next
        only what came since.
        """
        with self.lock:
            if self._snapshots is None:
                return np.zeros((0, 0))
            excess, self._excess = self._excess or ExcessDistance(self._snapshots.transitions.num_classes), None
            for t in range(len(excess.rows), len(self) - 1):
                excess.append(self._snapshots.transitions, self._distance_row("transition", t))
            self._excess = excess  # only now: what is interrupted in the middle is read anew
            return excess.square()

    @property
    def prediction_distance(self) -> NDArray[np.int64]:
        """The number of samples predicted differently at two snapshots, shape (T, T)."""
        with self.lock:
            if self._snapshots is None:
                return np.zeros((0, 0), np.int64)
            return self._snapshots.prediction_distance.rows.square().astype(np.int64)

    @property
    def dynamics(self) -> Dynamics:
        """Rates, oscillation, convergence and forgetting, as of now: ask for it anew after an update.

        Hold `lock` to read several of one moment.

        Raises
        ------
        ValueError
            There is no snapshot yet.
        """
        with self.lock:
            if self._snapshots is None:
                raise ValueError("dynamics needs a snapshot; expected an update first")
            dynamics, self._dynamics = self._dynamics, None
            history, transitions, labels = self._snapshots.history, self._snapshots.transitions, self._snapshots.labels
            if dynamics is None or dynamics.has_labels != (labels is not None):
                dynamics = Dynamics(history, transitions.num_classes, labels)
            dynamics.catch_up()
            self._dynamics = dynamics  # only now: what is interrupted in the middle is read anew
            return dynamics

    @property
    def lag_profile(self) -> NDArray[np.float64]:
        """The mean transition distance at each lag, shape (T-1,); alternating where every other epoch is alike."""
        return lag_profile(self.transition_distance)

    @property
    def excess_lag_profile(self) -> NDArray[np.float64]:
        """The mean excess distance at each lag, shape (T-1,): of the two the better sign of oscillation."""
        return lag_profile(self.excess_distance)

    @property
    def period(self) -> int | None:
        """After how many transitions the moves come back to what they were beyond chance; None where they do not.

        The rule is at `nntf_widget.lag_profile.period`.
        """
        return period(self.excess_lag_profile)

    def history(self, sample: int) -> ClassIds:
        """Return the predicted class of one sample at every snapshot, shape (T,)."""
        with self.lock:
            if self._snapshots is None or not 0 <= sample < self._snapshots.history.num_samples:
                raise IndexError(f"sample is {sample}; expected 0 to {(self.num_samples or 0) - 1}")
            return self._snapshots.history.of_samples(np.array([sample]))[0]

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

    def verdicts(self, **thresholds: float) -> Verdicts:
        """Return what the last epochs say: converged, converging, oscillating, plateau, diverging, …, and why.

        The rules stand in `nntf_widget.verdicts`. Where the evidence is thin there is no verdict, and ``.missing`` says
        what is needed.

        Parameters
        ----------
        **thresholds
            Those of the rules that are to be others: the fields of `nntf_widget.verdicts.Thresholds`.

        Raises
        ------
        TypeError, ValueError
            There is no such threshold, or its value is none.
        """
        bounds = Thresholds.of(thresholds)
        needed = 2 * bounds.window
        with self.lock:
            if self._snapshots is None or len(self) <= needed:
                return Verdicts([], [f"{needed} transitions between {self.unit}s; there are {max(len(self) - 1, 0)}"])
            transitions = self._snapshots.transitions
            recent = self._recent_excess = self._recent_excess or RecentExcess(transitions.num_classes)
            excess = recent.of_last(REPETITIONS * bounds.window, transitions, partial(self._distance_row, "transition"))
            strayed = self._distance_row("prediction", len(self) - 1)[-bounds.window]
            return judge(self, excess, float(strayed), bounds)

    def exchanges(self, first: int = 0) -> list[tuple[int, int, int]]:
        """Return the pairs of classes that gave samples to each other since a snapshot, and how many, the most first.

        Of a pair it is the lesser of both ways, min(Δ[a, b], Δ[b, a]).

        Raises
        ------
        IndexError
            There is no snapshot `first`.
        """
        with self.lock:
            if first and not 0 <= first < len(self):
                raise self._no_snapshot(first, "first")
            if self._snapshots is None:
                return []
            cells, counts = self._snapshots.transitions.exchanged(first)
            pairs = np.divmod(cells, self._snapshots.transitions.num_classes)
            return [(int(a), int(b), int(count)) for a, b, count in zip(*pairs, counts, strict=True)]

    def class_transition_distance(self, class_: int | str) -> NDArray[np.float64]:
        """Return the transition distance over only the moves from and to one class, shape (T-1, T-1).

        Parameters
        ----------
        class_ : int or str
            The class's id or name.
        """
        index = self._class_index(class_)
        with self.lock:
            if self._snapshots is None:
                return np.zeros((0, 0))
            return class_transition_distance(self._snapshots.transitions, index)

    def recurrence(  # noqa: PLR0913 - each has a default
        self,
        l_min: int = 2,
        v_min: int | None = None,
        *,
        convention: Convention = "paper",
        of: Literal["transition", "prediction"] = "transition",
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
            The bands' width; band b holds round(width · b, 2) ≤ D ≤ that + width.
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
        checked_choice(of, ("transition", "prediction"), "of")
        shortest = checked_length(l_min, "l_min", 1)
        v_shortest = shortest if v_min is None else checked_length(v_min, "v_min", 1)
        lower, upper = bands(width) if edges is None else between(edges)
        key = (of, lower.tobytes(), upper.tobytes(), checked_length(theiler, "theiler", 0))
        with self.lock:
            lines = self._recurrences.pop(key, None) or Recurrence(lower, upper, theiler)
            size = max(len(self) - (of == "transition"), 0)
            lines.extend([self._distance_row(of, index) for index in range(lines.size, size)])
            self._recurrences[key] = lines  # only now: what is interrupted in the middle is read anew
            return lines.measures(shortest, v_shortest, convention)

    @property
    def recurrence_history(self) -> RecurrenceHistory:
        """The best bands' laminarity and entropy at each snapshot so far: of the transition distance, as the paper."""
        with self.lock:
            history, self._recurrence_history = self._recurrence_history, RecurrenceHistory()
            for index in range(len(history), max(len(self) - 1, 0)):
                history.append(self._distance_row("transition", index))
            self._recurrence_history = history
            return history

    def trajectory(self, of: Literal["transition", "prediction"] = "transition") -> Trajectory:
        """Return the run as a path in the plane: as far apart as its moments are, as near as the plane allows.

        Worked out when asked for, from the last one on, which a new snapshot changes little: `Layout` in
        `nntf_widget.trajectory` has the method.

        Parameters
        ----------
        of : {"transition", "prediction"}
            The transition distance, or the prediction distance as a share of N.

        Returns
        -------
        Trajectory
            ``.points``, shape (T-1, 2) or (T, 2), a row a transition or a snapshot, and their ``.stress``.

        Raises
        ------
        ValueError
            `of` is something else.
        """
        layout = self._layouts[checked_choice(of, tuple(self._layouts), "of")]
        with self.lock:  # not while it is laid out: a training that updates does not wait for that
            distance = (
                self.transition_distance if of == "transition" else self.prediction_distance / (self.num_samples or 1)
            )
        return layout.extend(distance)

    def predictions(self, t: int) -> ClassIds:
        """Return the predicted class of every sample at snapshot t, shape (N,); a negative t counts from the end."""
        with self.lock:
            if self._snapshots is None or not -len(self) <= t < len(self):
                raise self._no_snapshot(t)
            return self._snapshots.history.snapshot(t % len(self))

    def confusion(self, t: int) -> NDArray[np.int64]:
        """Return the confusion matrix of snapshot t, shape (K, K): true class by predicted class.

        Parameters
        ----------
        t : int
            The snapshot; a negative one counts from the end.

        Raises
        ------
        IndexError
            There is no snapshot t.
        ValueError
            The true classes are not known.
        """
        with self.lock:
            predictions, labels, size = self.predictions(t), self._known_labels(), self._num_classes
            if labels is None or size is None:
                raise ValueError("confusion needs the true classes; expected labels= in an update")
            cells = labels.astype(np.int64) * size + predictions
            return np.bincount(cells, minlength=size * size).reshape(size, size)

    def snapshot(self, t: int) -> Snapshot:
        """Return the entry of the change log that snapshot t added, for t = 0 … T-1."""
        with self.lock:
            if self._snapshots is None or not 0 <= t < len(self):
                raise self._no_snapshot(t)
            everyone = self._snapshots.history.snapshot(t)
            moved = self._snapshots.history.moves(t).samples if t else np.arange(len(everyone))
            return Snapshot(
                t=t,
                samples=moved,
                classes=everyone[moved],
                all_classes=everyone,
                transition_row=self._snapshots.transition_distance.rows.row(t - 1) if t else np.zeros(0),
                prediction_row=self._snapshots.prediction_distance.rows.row(t),
                metrics=self.metrics_at(t),
                labels=self._snapshots.labels if t == self._snapshots.labelled_at else None,
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
            The file; one that is there is replaced once the new one is whole.
        title : str
            The page's title.
        """
        from nntf_widget.widget.page import page_of, write_whole

        write_whole(checked_path(path), page_of(self, title))

    def subscribe(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call `on_change` after every update, added metric, reported fault and the end; return what stops that.

        It is never called twice at a time. Where several threads update, one of them calls it for the others.
        """
        self._subscribers.append(on_change)
        return lambda: self._subscribers.remove(on_change)

    @property
    def ended(self) -> str | None:
        """Why no more snapshots will come, in a few words that the views show; None while they may."""
        return self._ended

    @ended.setter
    def ended(self, why: str | None) -> None:
        if why != self._ended:
            self._ended = why
            self._notify()

    @property
    def faults(self) -> list[str]:
        """What failed in capture or display, in a sentence each; the training went on."""
        return list(self._faults.values())

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
        self._faults[where] = f"{where} failed: {_said(error)}"
        text = f"{self._faults[where]}. The training goes on."
        warnings.warn_explicit(text, FingerprintWarning, *users_line())  # also if an earlier run had the same fault
        self._notify()

    def withdraw(self, where: str) -> None:
        """Take back the fault that was reported of `where`, if it was one: it turned out to be none."""
        if self._faults.pop(where, None) is not None:
            self._notify()

    @contextmanager
    def reporting(self, where: str) -> Iterator[None]:
        """Report what fails within as a fault of ours, as `report` does: it may not end somebody's training."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            self.report(where, error)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Display as the widget: the one place where the core reaches up, and only when a notebook asks."""
        from nntf_widget.widget import widget_of

        return widget_of(self)._repr_mimebundle_(**options)

    def _notify(self) -> None:
        """Call the subscribers, or leave it to whoever is calling them just now: nobody waits for them.

        A lock to wait for would be taken after `lock` by some and before it by others.
        """
        self._has_news = True
        while self._has_news and self._telling.acquire(blocking=False):
            try:
                self._has_news = False
                for on_change in list(self._subscribers):
                    try:
                        on_change()
                    except Exception as error:  # noqa: BLE001 - no fault of a display may end somebody's training
                        self.report("Display", error)
            finally:
                self._telling.release()

    def _record(self, classes: ClassIds, num_classes: int, metrics: dict[str, float], labels: ClassIds | None) -> None:
        if self._snapshots is None:
            self._snapshots = Snapshots(classes, num_classes, metrics, labels)
            self._num_classes = num_classes
        else:
            self._snapshots.append(classes, metrics, labels if self._snapshots.labels is None else None)

    def _no_snapshot(self, t: int, argument: str = "t") -> IndexError:
        known = f"expected a snapshot from 0 to {len(self) - 1}" if len(self) else "there is no snapshot yet"
        return IndexError(f"{argument} is {t}; {known}")

    def _known_labels(self) -> ClassIds | None:
        return None if self._snapshots is None else self._snapshots.labels

    def _ranked(self, counts: NDArray[np.int32], k: int, class_: int | str | None) -> NDArray[np.intp]:
        """Return the samples of the largest counts above 0, ties by their number."""
        counted = counts > 0 if class_ is None else (counts > 0) & self._of_class(class_)
        samples = np.flatnonzero(counted)
        return samples[np.argsort(-counts[samples], kind="stable")][: checked_length(k, "k", 1)]

    def _of_class(self, class_: int | str) -> NDArray[np.bool_]:
        labels = self._known_labels()
        if labels is None:
            raise ValueError("class_ needs the true classes; expected labels= in an update")
        return labels == self._class_index(class_)

    def _distance_row(self, of: str, index: int) -> NDArray[np.float64]:
        """Return a distance's row left of the diagonal, in [0, 1]."""
        assert self._snapshots is not None, "a run whose distances are asked for has snapshots"
        if of == "transition":
            return self._snapshots.transition_distance.rows.row(index)
        return self._snapshots.prediction_distance.rows.row(index) / self._snapshots.history.num_samples

    def _known_or_from(self, predictions: Any) -> int:
        columns = width(predictions)
        if columns is not None and (self._num_classes is None or (self._class_names and columns > self._num_classes)):
            return self._checked_count(columns)
        if self._num_classes is None:
            raise ValueError("num_classes is not known; expected it, or class_names, or scores of shape (N, K)")
        return self._num_classes

    def _checked_count(self, scores: int) -> int:
        """Return K, where it is the number of scores of a sample."""
        if self._num_classes in {None, scores}:
            return checked_count(scores)
        said = "class_names has {} names" if self._class_names else "num_classes is {}"
        raise ValueError(f"{said.format(self._num_classes)}; expected {scores}, as many as a sample has scores")

    def _check_length(self, ids: ClassIds) -> None:
        if self.num_samples not in {None, len(ids)}:
            raise ValueError(
                f"predictions has {len(ids)} samples, and {self._before()} had {self.num_samples}; "
                f"expected the same samples in the same order{self._or_another_log()}"
            )

    def _before(self) -> str:
        """Return what to call the snapshots that are there already, for an error."""
        return f"the log {self.log}" if self.resumed_at and self.log else "the snapshots before"

    def _or_another_log(self) -> str:
        return ", since the run goes on from the log; or another log=" if self.resumed_at and self.log else ""

    def _checked_labels(self, labels: Any, num_classes: int, num_samples: int) -> ClassIds | None:
        if labels is None:
            return None
        truth = label_ids(labels, num_classes)
        if len(truth) != num_samples:
            raise ValueError(f"labels has {len(truth)} samples; expected {num_samples}, as many as predictions")
        labels = self._known_labels()
        if labels is not None and not np.array_equal(truth, labels):
            changed = int(np.count_nonzero(truth != labels))
            raise ValueError(
                f"labels differ from those of {self._before()} for {changed} of {num_samples} samples; "
                f"expected the same samples in the same order{self._or_another_log()}"
            )
        return truth

    def _checked_metrics(self, metrics: Any) -> dict[str, float]:
        numbers = checked_metrics(metrics)
        names = len(self._metric_names | numbers.keys())
        if names > MAX_METRICS:
            raise ValueError(f"metrics brings the run to {names} names of metrics; expected up to {MAX_METRICS}")
        return numbers

    def _class_index(self, class_: int | str) -> int:
        names = self.class_names
        if isinstance(class_, str):
            if class_ not in names:
                raise ValueError(f"class_ is {class_!r}; expected one of {names}")
            return names.index(class_)
        if not 0 <= class_ < len(names):
            raise ValueError(f"class_ is {class_}; expected 0 to {len(names) - 1}, or a name")
        return int(class_)


def _said(error: Exception) -> str:
    """Return what an error says, with its kind where that is what says it."""
    text, kind = str(error).removesuffix("."), type(error)
    is_plain = kind.__module__ != "builtins" or kind in {ValueError, TypeError, LookupError, RuntimeError}
    return text if text and is_plain else ": ".join(filter(None, (kind.__name__, text)))
