"""Verdicts: what the moves of the last epochs say about a training, with the numbers that say it.

Every number is a mean over the last `window` transitions, unless it says "before", for the `window` before those. The
first rule that holds is the state of the run:

diverging
    a metric named like a loss is not finite; or accuracy has fallen by `drop` or more below its best window; or the
    change rate is `rising` times what it was before, or more.
converged
    the change rate is at most `still`, and accuracy, where labels are known, above that of always naming the largest
    class by more than a tenth of what there is to gain. (Where it is not, the state is plateau.)
oscillating
    the share of moves that go straight back is at least `returning`; or, over both windows, transitions that lie a
    period of 2 to 5 apart are more alike than nearer ones and than those one farther apart, their mean distance smaller
    by `alternating` or more, and by more than three standard errors. (An epoch that is only unlike the next, as where
    decisions waver around one state, has no period.) The period is that of the largest such contrast. Where the change
    rate is also at most `falling` times what it was before, the state is converging, and oscillating is told besides.
diverging, too
    more than half of the samples change class in an epoch, and neither ever fewer nor with rising accuracy, or, where
    labels are known, accuracy is no better than that of always naming the largest class.
converging
    the change rate is at most `falling` times what it was before; or accuracy has risen by `gain` or more.
plateau
    none of these: decisions go on moving and lead nowhere.

With fewer than 2 · `window` transitions there is no verdict, nor where hardly a sample ever moved and no labels say
whether that is good.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from nntf_widget.dynamics import LONGEST_PERIOD

if TYPE_CHECKING:
    from nntf_widget.fingerprint import Fingerprint

Kind = Literal["converged", "converging", "oscillating", "plateau", "diverging"]
NAMED = 3  # so many classes or pairs are named as evidence
EVER_MOVED = 0.1  # less than this share of the samples, and stillness alone proves nothing
WILD = 0.5  # the share of samples moving that no training under way has for long
STANDARD_ERRORS = 3


class Thresholds(NamedTuple):
    """The bounds of the rules; rates and accuracies are shares, 0 to 1."""

    window: int
    still: float
    falling: float
    rising: float
    returning: float
    alternating: float
    gain: float
    drop: float


class Verdict(NamedTuple):
    """What is said of a run, and why.

    Attributes
    ----------
    kind : {"converged", "converging", "oscillating", "plateau", "diverging"}
    epochs : tuple of two int
        The first and the last epoch of the evidence.
    classes : list of str
        The classes that bear most of it.
    numbers : dict of str to float
        The measures that the rule compared.
    sentence : str
        All of it in one sentence.
    """

    kind: Kind
    epochs: tuple[int, int]
    classes: list[str]
    numbers: dict[str, float]
    sentence: str


class Verdicts(Sequence[Verdict]):
    """The state of a run, first, and what else holds; empty where the evidence is thin.

    Attributes
    ----------
    missing : list of str
        What would be needed to say more.
    """

    def __init__(self, verdicts: list[Verdict], missing: list[str]) -> None:
        self._verdicts = verdicts
        self.missing = missing

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> list[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | list[Verdict]:
        """Return a verdict."""
        return self._verdicts[index]

    def __len__(self) -> int:
        return len(self._verdicts)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self._verdicts)

    def __repr__(self) -> str:
        """Return a sentence a line."""
        told = [f"{verdict.kind}: {verdict.sentence}" for verdict in self]
        return "\n".join([*told, *(f"missing: {what}" for what in self.missing)])


def judge(run: Fingerprint, bounds: Thresholds) -> Verdicts:
    """Return the verdicts on a run."""
    transitions = max(len(run) - 1, 0)
    if transitions < 2 * bounds.window:
        return Verdicts([], [f"{2 * bounds.window} transitions between snapshots; there are {transitions}"])
    return _Evidence(run, bounds).verdicts()


class _Evidence:
    """The measures of a run's last two windows, and the rules over them."""

    def __init__(self, run: Fingerprint, bounds: Thresholds) -> None:
        self.run, self.bounds = run, bounds
        self.last = len(run) - 1
        self.rates = run.dynamics.change_rate
        self.rate, self.rate_before = self._windows(self.rates)
        moved = self.rates[-bounds.window :]
        returned = np.nan_to_num(run.dynamics.return_rate[-bounds.window :])
        self.returned = float((returned * moved).sum() / moved.sum()) if moved.any() else 0.0
        self.period, self.contrast, self.certain = self._period()
        self.labelled = run.labels is not None
        self.falling = self.rate <= bounds.falling * self.rate_before
        self.learning = not self.labelled or self._is_better_than_one_class()

    def verdicts(self) -> Verdicts:
        oscillating = self._oscillating()
        state = self._diverging()
        if state is None and self.rate <= self.bounds.still:
            state = self._still()
            if state is None:
                return Verdicts([], ["labels: hardly a sample ever moved, and only they tell whether that is good"])
        lasting = None if self.falling else oscillating
        state = state or lasting or self._wild() or self._converging() or self._plateau()
        verdicts = [state] if oscillating is None or oscillating is state else [state, oscillating]
        return Verdicts(verdicts, [] if self.labelled else ["labels: whether what it decides is right"])

    def _diverging(self) -> Verdict | None:
        window, metrics = self.bounds.window, self.run.metrics
        numbers = {"change_rate": self.rate, "change_rate_before": self.rate_before}
        infinite = [name for name, values in metrics.items() if "loss" in name and np.isinf(values[-window:]).any()]
        broken = infinite or [name for name, v in metrics.items() if "loss" in name and np.isnan(v[-1]) and len(v) > 1]
        if broken:
            return self._verdict("diverging", numbers, self._moving(), f"{broken[0]} is no finite number any more.")
        if self.labelled:
            best, now = self._best_accuracy(), self._windows(self.run.dynamics.accuracy)[0]
            if best - now >= self.bounds.drop:
                said = f"Accuracy has fallen from {best:.0%} at its best to {now:.0%}."
                return self._verdict("diverging", numbers | {"accuracy": now, "best": best}, self._losing(), said)
        if self.rate > self.bounds.still and self.rate >= self.bounds.rising * self.rate_before:
            return self._verdict("diverging", numbers, self._moving(), f"{self._changes()}: more and more.")
        return None

    def _wild(self) -> Verdict | None:
        if self.rate <= WILD or (self.learning and (self.falling or self._gained() >= self.bounds.gain)):
            return None
        numbers = {"change_rate": self.rate, "change_rate_before": self.rate_before}
        return self._verdict("diverging", numbers, self._moving(), f"{self._changes()}.")

    def _still(self) -> Verdict | None:
        numbers = {"change_rate": self.rate}
        since = self._still_since()
        said = f"Since epoch {self._epoch(since)} hardly a sample changes class: {self.rate:.1%} in an epoch"
        if not self.labelled:
            ever = float((self.run.dynamics.move_counts > 0).mean())
            if ever < EVER_MOVED:
                return None
            return self._verdict("converged", numbers | {"ever_moved": ever}, [], f"{said}.", since)
        accuracy = self._windows(self.run.dynamics.accuracy)[0]
        largest = self._largest_class()
        numbers |= {"accuracy": accuracy, "largest_class": largest}
        if self.learning:
            return self._verdict("converged", numbers, [], f"{said}, with {accuracy:.0%} of them right.", since)
        said = f"{said}, with only {accuracy:.0%} right, where always naming one class has {largest:.0%}."
        return self._verdict("plateau", numbers, [], said, since)

    def _oscillating(self) -> Verdict | None:
        if self.rate <= self.bounds.still:
            return None
        numbers = {"return_rate": self.returned, "period": float(self.period), "alternation": self.contrast}
        numbers["change_rate"] = self.rate
        first = self.last - 2 * self.bounds.window
        pairs = self.run.dynamics.most_exchanging(NAMED, first)
        names = self.run.class_names
        classes = list(dict.fromkeys(names[class_] for a, b, _ in pairs for class_ in (a, b)))
        between = f", most between {names[pairs[0][0]]} and {names[pairs[0][1]]}" if pairs else ""
        if self.certain and self.contrast >= self.bounds.alternating:
            said = f"Every {_ordinal(self.period)} epoch makes the same moves, which those between undo{between}."
        elif self.returned >= self.bounds.returning:
            said = f"{self.returned:.0%} of the moves go straight back to where the sample came from{between}."
        else:
            return None
        return self._verdict("oscillating", numbers, classes, said, first)

    def _converging(self) -> Verdict | None:
        numbers = {"change_rate": self.rate, "change_rate_before": self.rate_before}
        if self.falling:
            said = f"{self._changes()}: ever fewer."
            return self._verdict("converging", numbers, self._moving(), said)
        if self.labelled:
            now, before = self._windows(self.run.dynamics.accuracy)
            if now - before >= self.bounds.gain:
                said = f"Accuracy rises, from {before:.1%} to {now:.1%}, with {self.rate:.1%} of the samples moving."
                numbers |= {"accuracy": now, "accuracy_before": before}
                return self._verdict("converging", numbers, self._moving(), said)
        return None

    def _plateau(self) -> Verdict:
        numbers = {"change_rate": self.rate, "change_rate_before": self.rate_before, "return_rate": self.returned}
        said = self._changes()
        if self.labelled:
            now, before = self._windows(self.run.dynamics.accuracy)
            numbers |= {"accuracy": now, "accuracy_before": before}
            said += f", and accuracy stays at {now:.0%}"
        return self._verdict("plateau", numbers, self._moving(), f"{said}.")

    def _verdict(
        self, kind: Kind, numbers: dict[str, float], classes: list[str], sentence: str, first: int | None = None
    ) -> Verdict:
        start = self.last - 2 * self.bounds.window if first is None else first
        return Verdict(kind, (self._epoch(start), self._epoch(self.last)), classes, numbers, sentence)

    def _epoch(self, snapshot: int) -> int:
        return snapshot * self.run.every

    def _windows(self, values: NDArray[np.float64]) -> tuple[float, float]:
        """Return the means over the last window and the one before."""
        window = self.bounds.window
        return float(values[-window:].mean()), float(values[-2 * window : -window].mean())

    def _best_accuracy(self) -> float:
        window = self.bounds.window
        return float(np.convolve(self.run.dynamics.accuracy, np.ones(window) / window, "valid").max())

    def _still_since(self) -> int:
        """Return the snapshot since which no transition was above `still`, or the last window's first."""
        above = np.flatnonzero(self.rates > self.bounds.still)
        return min(int(above[-1]) + 1 if len(above) else 0, self.last - self.bounds.window)

    def _largest_class(self) -> float:
        """Return the accuracy of always naming the largest class."""
        support = self.run.dynamics.support
        return float(support.max() / support.sum())

    def _is_better_than_one_class(self) -> bool:
        largest = self._largest_class()
        return self._windows(self.run.dynamics.accuracy)[0] > largest + (1 - largest) / 10

    def _gained(self) -> float:
        """Return the rise of accuracy against the window before; 0 where labels are not known."""
        if not self.labelled:
            return 0.0
        now, before = self._windows(self.run.dynamics.accuracy)
        return now - before

    def _changes(self) -> str:
        return f"{self.rate:.1%} of the samples change class in an epoch, after {self.rate_before:.1%}"

    def _period(self) -> tuple[int, float, bool]:
        """Return the period whose transitions are most alike against others, by how much, and if for certain."""
        size = 2 * self.bounds.window
        recent = self.run.recent_transition_distance(size)
        found = (2, -1.0, False)
        for period in range(2, min(LONGEST_PERIOD, size - 3) + 1):
            apart = recent.diagonal(period)
            nearer = np.concatenate([recent.diagonal(lag) for lag in range(1, period)])
            contrasts = [_contrast(others, apart) for others in (nearer, recent.diagonal(period + 1))]
            contrast = min(difference for difference, _ in contrasts)
            if contrast > found[1]:
                certain = all(difference > STANDARD_ERRORS * error for difference, error in contrasts)
                found = (period, contrast, certain)
        return found

    def _moving(self) -> list[str]:
        """Return the classes with the most moves in and out in the last window."""
        dynamics, window = self.run.dynamics, self.bounds.window
        moves = (dynamics.arrivals + dynamics.departures)[-window:].sum(axis=0)
        return self._named(moves)

    def _losing(self) -> list[str]:
        """Return the classes whose recall fell most from its best to the last snapshot."""
        recall = np.nan_to_num(self.run.dynamics.recall)
        return self._named(recall.max(axis=0) - recall[-1])

    def _named(self, amounts: NDArray[np.float64] | NDArray[np.int32]) -> list[str]:
        largest = np.argsort(-amounts, kind="stable")[:NAMED]
        return [self.run.class_names[class_] for class_ in largest if amounts[class_] > 0]


def _contrast(larger: NDArray[np.float64], smaller: NDArray[np.float64]) -> tuple[float, float]:
    """Return the difference of two means, and its standard error."""
    squares = larger.var() * len(larger) + smaller.var() * len(smaller)
    error = np.sqrt(squares / (len(larger) + len(smaller) - 2) * (1 / len(larger) + 1 / len(smaller)))
    return float(larger.mean() - smaller.mean()), float(error)


def _ordinal(period: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}[period]
