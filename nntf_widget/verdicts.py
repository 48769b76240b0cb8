"""Verdicts: what the moves of the last epochs say about a training, with the numbers that say it.

Rates and accuracies are means over the last `window` transitions, "before" over the window before. A run is in one
state, the first whose rule holds:

diverging
    a metric named like a loss is no finite number.
collapsed
    in each snapshot of the window nearly all samples, a share of `whole`, are in one class, which was not the same from
    the first snapshot on; and that is no better than always naming the largest class, or, without labels, another class
    at times.
diverging
    accuracy has fallen by `drop` from its best window; or the change rate is `rising` times what it was before, and
    five times `still`, with no gain in accuracy.
converged
    hardly a sample moves, a share of `still` in a transition, and over the window no more than twice as many have gone
    elsewhere, so that it is no slow drift; where labels are known, accuracy is better than always naming the largest
    class by a tenth of what there is to gain. (Where it is not, the state is plateau.)
diverging
    more than half of the samples move, without a gain in accuracy, and no fewer than before or with an accuracy no
    better than always naming the largest class.
converging
    the change rate is at most `falling` times what it was before, or accuracy has risen by `gain`.
plateau
    none of these: decisions go on moving and lead nowhere.

Besides, or in the place of plateau:

oscillating
    the moves come back after a period, by the mean excess distance at each lag over four windows, which dips by
    `alternating` there (`nntf_widget.lag_profile.period`); or the share of the moves that go straight back is at least
    `returning`, which chance alone does not make more than a half. Each by more than three standard errors, and not
    where hardly a sample moves.
overfitting
    a metric of validation has become worse than its best window, its error by a share of `worse`, while the same
    metric of the training became better. The error is a loss itself, or what an accuracy lacks to 1.

A change rate has fallen or risen where it did so by more than three standard errors of the number of moves, too. With
fewer than two windows there is no verdict, nor where hardly a sample ever moved and no labels say whether that is good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from nntf_widget.checks import checked_length, checked_share
from nntf_widget.lag_profile import lag_profile, period
from nntf_widget.measures import measures_of
from nntf_widget.printable import printable

if TYPE_CHECKING:
    from nntf_widget.fingerprint import Fingerprint

Name = Literal["converged", "converging", "oscillating", "plateau", "diverging", "collapsed", "overfitting"]
NAMED = 3  # so many classes or pairs are named as evidence
EVER_MOVED = 0.1  # less than this share of the samples, and stillness alone proves nothing
LEAST_EXCHANGE = 0.25  # of that of the first pair, for another to be named
WILD = 0.5  # the share of samples moving that no training under way has for long
FAR_FROM_STILL = 5
STANDARD_ERRORS = 3
REPETITIONS = 4  # windows in which a period is looked for
BETTER = 0.1  # of what there is to gain on always naming the largest class
LIKE_LOSS, LIKE_ACCURACY = ("loss", "error"), ("acc", "f1", "auc", "precision", "recall")
TRAINING = ("", "train")
LETTERS = 40  # of a name in a sentence


@dataclass(frozen=True)
class Thresholds:
    """The bounds of the rules, which stand at the head of this file; all but `window` and `rising` are shares, 0 to 1.

    Raises
    ------
    TypeError, ValueError
        A bound that is none.
    """

    window: int = 5
    still: float = 0.01
    falling: float = 0.85
    rising: float = 1.5
    returning: float = 0.6
    alternating: float = 0.1
    gain: float = 0.01
    drop: float = 0.1
    whole: float = 0.95
    worse: float = 0.1

    @classmethod
    def of(cls, bounds: Mapping[str, float]) -> Thresholds:
        """Return the thresholds of which some are others than usual."""
        known = [field.name for field in fields(cls)]
        for name in bounds:
            if name not in known:
                raise TypeError(f"verdicts has no threshold {name!r}; expected some of {', '.join(known)}")
        return cls(**bounds)  # type: ignore[arg-type] # window, an int, is checked

    def __post_init__(self) -> None:
        checked_length(self.window, "window", 2)
        if not isinstance(self.rising, (int, float)):
            raise TypeError(f"rising is {self.rising!r}; expected a number")
        if not self.rising >= 1:
            raise ValueError(f"rising is {self.rising}; expected 1 or more")
        for field in fields(self):
            if field.name not in {"window", "rising"}:
                checked_share(getattr(self, field.name), field.name)


class Verdict(NamedTuple):
    """What is said of a run, and why.

    Attributes
    ----------
    name : str
        "converged", "converging", "oscillating", "plateau", "diverging", "collapsed" or "overfitting".
    epochs : tuple of two int
        The first and the last snapshot of the evidence.
    classes : list of str
        The classes that bear most of it.
    numbers : dict of str to float
        The measures that the rule compared.
    sentence : str
        All of it in one sentence.
    """

    name: Name
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

    def __repr__(self) -> str:
        """Return a sentence a line."""
        told = [f"{verdict.name}: {printable(verdict.sentence)}" for verdict in self]
        return "\n".join([*told, *(f"missing: {what}" for what in self.missing)])


def judge(run: Fingerprint, excess: NDArray[np.float64], strayed: float, bounds: Thresholds) -> Verdicts:
    """Return the verdicts on a run that has two windows of transitions.

    Parameters
    ----------
    run : Fingerprint
    excess : ndarray of shape (n, n)
        The excess distance of its last transitions, as many as `REPETITIONS` windows where there are so many.
    strayed : float
        The share of samples that are not where they were a window ago.
    bounds : Thresholds
    """
    return _Evidence(run, excess, strayed, bounds).verdicts()


class _Evidence:
    """The measures of a run's last two windows, and the rules over them."""

    def __init__(self, run: Fingerprint, excess: NDArray[np.float64], strayed: float, bounds: Thresholds) -> None:
        self.run, self.bounds, self.strayed = run, bounds, strayed
        self.dynamics = run.dynamics
        self.names = run.class_names
        self.last = len(run) - 1
        self.rates = self.dynamics.change_rate
        self.rate, self.rate_before = self._windows(self.rates)
        self.labelled = self.dynamics.has_labels
        self.accuracies = self.dynamics.accuracy if self.labelled else None
        self.excess, self.profile = excess, lag_profile(excess)
        self.is_gaining = self.is_better = False
        self.numbers = {"change_rate": self.rate, "change_rate_before": self.rate_before}
        if self.accuracies is not None:
            self.accuracy, self.accuracy_before = self._windows(self.accuracies)
            self.numbers |= {"accuracy": self.accuracy, "accuracy_before": self.accuracy_before}
            support = self.dynamics.support
            self.largest = float(support.max() / support.sum())
            self.is_better = self.accuracy > self.largest + BETTER * (1 - self.largest)
            self.is_gaining = self.accuracy - self.accuracy_before >= bounds.gain
        self.is_falling = self.rate <= bounds.falling * self.rate_before and self._differ()
        self.is_rising = self.rate >= bounds.rising * self.rate_before and self._differ()

    def verdicts(self) -> Verdicts:
        oscillating = self._oscillating()
        state = self._broken() or self._collapsed() or self._diverging()
        missing = [] if self.labelled else ["labels: whether what it decides is right"]
        if state is None and self.rate <= self.bounds.still and self.strayed <= 2 * self.bounds.still:
            state = self._still()
            if state is None:
                return Verdicts([], ["labels: hardly a sample ever moved, and only they tell whether that is good"])
        state = state or self._wild() or self._converging() or oscillating or self._plateau()
        overfitting, is_validated = self._overfitting()
        if not is_validated:
            missing.append("a metric of both training and validation, as loss and val_loss: whether it overfits")
        also = [verdict for verdict in (oscillating, overfitting) if verdict is not None and verdict is not state]
        return Verdicts([state, *also], missing)

    def _broken(self) -> Verdict | None:
        for name, value in self.run.metrics_at(self.last).items():
            if "loss" in name and not np.isfinite(value):
                return self._verdict("diverging", self._moving(), f"{name} is no finite number any more.")
        return None

    def _collapsed(self) -> Verdict | None:
        counts = self.run.class_counts
        shares, largest = counts.max(axis=1) / counts[0].sum(), counts.argmax(axis=1)
        is_whole = shares >= self.bounds.whole
        was_always = is_whole.all() and (largest == largest[0]).all()
        if was_always or not is_whole[-self.bounds.window :].all() or self.is_better:
            return None
        shares, largest = shares[-self.bounds.window :], largest[-self.bounds.window :]
        classes = [self.names[class_] for class_ in dict.fromkeys(largest[::-1])]
        if len(classes) == 1 and not self.labelled:
            return None
        self.numbers["largest_share"] = float(shares.mean())
        said = f"{shares.mean():.0%} of the samples are in one class"
        said += (
            f", {_short(classes[0])}."
            if len(classes) == 1
            else f", and not each time in the same: {', '.join(map(_short, classes))}."
        )
        return self._verdict("collapsed", classes, said, self.last - self.bounds.window + 1)

    def _diverging(self) -> Verdict | None:
        if self.accuracies is not None:
            window = self.bounds.window
            means = np.convolve(self.accuracies, np.ones(window) / window, "valid")
            best = float(means.max())
            if best - self.accuracy >= self.bounds.drop:
                said = f"Accuracy has fallen from {best:.0%} at its best to {self.accuracy:.0%}."
                self.numbers["best_accuracy"] = best
                return self._verdict("diverging", self._losing(), said, int(means.argmax()))
            if self.is_gaining:
                return None
        if self.is_rising and self.rate >= FAR_FROM_STILL * self.bounds.still:
            return self._verdict("diverging", self._moving(), f"{self._changes()}: more and more.")
        return None

    def _still(self) -> Verdict | None:
        above = np.flatnonzero(self.rates > self.bounds.still)
        since = min(int(above[-1]) + 1 if len(above) else 0, self.last - self.bounds.window)
        said = f"Since {self.run.unit} {since} hardly a sample moves, {self.rate:.1%} in each"
        if not self.labelled:
            self.numbers["ever_moved"] = float((self.dynamics.move_counts > 0).mean())
            is_thin = self.numbers["ever_moved"] < EVER_MOVED
            return None if is_thin else self._verdict("converged", [], f"{said}.", since)
        if self.is_better:
            return self._verdict("converged", [], f"{said}; {self.accuracy:.0%} are right.", since)
        self.numbers["largest_class"] = self.largest
        said += f", with {self.accuracy:.0%} right, where always naming one class has {self.largest:.0%}."
        return self._verdict("plateau", [], said, since)

    def _oscillating(self) -> Verdict | None:
        if self.rate <= self.bounds.still:
            return None
        moved = self.dynamics.arrivals[-self.bounds.window :].sum(axis=1)
        share = float((np.nan_to_num(self.dynamics.return_rate[-len(moved) :]) * moved).sum() / moved.sum())
        is_returning = share >= max(self.bounds.returning, 0.5 + STANDARD_ERRORS * 0.5 / np.sqrt(moved.sum()))
        each = self._period()
        if each is None and not is_returning:
            return None
        numbers = self.numbers | {"return_rate": share, "period": float(each or 2)}
        numbers |= {f"excess_at_lag_{lag}": float(self.profile[lag]) for lag in (1, each or 2)}
        pairs = self.run.exchanges(self.last - 2 * self.bounds.window)[:NAMED]
        pairs = [pair for pair in pairs if pair[2] >= LEAST_EXCHANGE * pairs[0][2]]
        classes = list(dict.fromkeys(self.names[class_] for a, b, _ in pairs for class_ in (a, b)))
        said = f"{share:.0%} of the moves go straight back"
        if each is not None:
            said = f"The moves are alike every {each} {self.run.unit}s; {said}"
        if pairs:
            said += f", most between {' and '.join(_short(self.names[class_]) for class_ in pairs[0][:2])}"
        return self._verdict("oscillating", classes, f"{said}.", numbers=numbers)

    def _period(self) -> int | None:
        """Return the period of the last moves, where it is no chance: at it and at twice it."""
        each = period(self.profile, self.bounds.alternating)
        if each is None:
            return None
        for lag in (each, 2 * each):
            at, before, behind = (told[~np.isnan(told)] for told in map(self.excess.diagonal, (lag, lag - 1, lag + 1)))
            if min(map(len, (at, before, behind))) < 2:
                continue
            variances = [values.var() / len(values) for values in (at, before, behind)]
            error = np.sqrt(variances[0] + (variances[1] + variances[2]) / 4)
            if (before.mean() + behind.mean()) / 2 - at.mean() < STANDARD_ERRORS * error:
                return None
        return each

    def _wild(self) -> Verdict | None:
        is_calming = self.is_gaining if self.labelled and not self.is_better else self.is_gaining or self.is_falling
        if self.rate <= WILD or is_calming:
            return None
        return self._verdict("diverging", self._moving(), f"{self._changes()}.")

    def _converging(self) -> Verdict | None:
        if self.is_falling:
            return self._verdict("converging", self._moving(), f"{self._changes()}: ever fewer.")
        if self.is_gaining:
            rise = f"from {self.accuracy_before:.1%} to {self.accuracy:.1%}"
            said = f"Accuracy rises, {rise}, with {self.rate:.1%} of the samples moving in each {self.run.unit}."
            return self._verdict("converging", self._moving(), said)
        return None

    def _plateau(self) -> Verdict:
        stays = f", and accuracy stays at {self.accuracy:.0%}" if self.labelled else ""
        return self._verdict("plateau", self._moving(), f"{self._changes()}{stays}.")

    def _overfitting(self) -> tuple[Verdict | None, bool]:
        """Return the verdict, and whether there was anything to tell it by."""
        metrics, is_told = self.run.metrics, False
        for measure, splits in measures_of(metrics).items():
            errors = {name: _error(measure, metrics[name]) for name in splits}
            trained = next((errors[name] for name, split in splits.items() if split in TRAINING), None)
            for name, error in errors.items():
                if error is None or trained is None or splits[name] in TRAINING:
                    continue
                both = np.flatnonzero(np.isfinite(error) & np.isfinite(trained))
                if len(both) < 2 * self.bounds.window:
                    continue
                is_told = True
                verdict = self._parted(name, both, error[both], trained[both])
                if verdict:
                    return verdict, True
        return None, is_told

    def _parted(
        self, name: str, at: NDArray[np.intp], error: NDArray[np.float64], trained: NDArray[np.float64]
    ) -> Verdict | None:
        window = self.bounds.window
        means, means_trained = (np.convolve(each, np.ones(window) / window, "valid") for each in (error, trained))
        best = int(means.argmin())
        if means[-1] < (1 + self.bounds.worse) * means[best] or means_trained[-1] >= means_trained[best]:
            return None
        first = int(at[best + window // 2])
        then, now = (self.run.metrics_at(int(t))[name] for t in (first, at[-1]))
        said = f"{name} was best about {self.run.unit} {first}, {then:.3g}, and is {now:.3g} now"
        numbers = {"best_error": float(means[best]), "error": float(means[-1])}
        return self._verdict("overfitting", [], f"{said}; that of the training became better.", first, numbers)

    def _verdict(
        self,
        name: Name,
        classes: list[str],
        sentence: str,
        first: int | None = None,
        numbers: dict[str, float] | None = None,
    ) -> Verdict:
        start = self.last - 2 * self.bounds.window if first is None else first
        return Verdict(name, (start, self.last), classes, dict(self.numbers if numbers is None else numbers), sentence)

    def _windows(self, values: NDArray[np.float64]) -> tuple[float, float]:
        """Return the means over the last window and the one before."""
        window = self.bounds.window
        return float(values[-window:].mean()), float(values[-2 * window : -window].mean())

    def _differ(self) -> bool:
        """Whether the numbers of moves in both windows differ by more than chance, as those of rare events do."""
        now, before = (
            rate * self.bounds.window * (self.run.num_samples or 0) for rate in (self.rate, self.rate_before)
        )
        return bool(abs(now - before) > STANDARD_ERRORS * np.sqrt(now + before))

    def _changes(self) -> str:
        return f"{self.rate:.1%} of the samples move in each {self.run.unit}, {self.rate_before:.1%} before"

    def _moving(self) -> list[str]:
        """Return the classes with the most moves in and out in the last window."""
        moves = (self.dynamics.arrivals + self.dynamics.departures)[-self.bounds.window :].sum(axis=0)
        return self._named(moves)

    def _losing(self) -> list[str]:
        """Return the classes whose recall fell most from its best to the last snapshot."""
        recall = np.nan_to_num(self.dynamics.recall)
        return self._named(recall.max(axis=0) - recall[-1])

    def _named(self, amounts: NDArray[np.float64] | NDArray[np.int64]) -> list[str]:
        largest = np.argsort(-amounts, kind="stable")[:NAMED]
        return [self.names[class_] for class_ in largest if amounts[class_] > 0]


def _short(name: str) -> str:
    """Return a name as it fits into a sentence, cut in the middle."""
    return name if len(name) <= LETTERS else f"{name[: LETTERS // 2]}…{name[-LETTERS // 2 :]}"


def _error(measure: str, values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return what is the less the better; None where that is not known of a measure."""
    if any(word in measure for word in LIKE_LOSS):
        return values
    return 1 - values if any(word in measure for word in LIKE_ACCURACY) else None
