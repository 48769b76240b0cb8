"""`watch`: the fingerprint of an ordinary PyTorch training loop, from the forward passes that it makes anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader

from nntf_widget.capture.news import OnVerdict, check_on_verdict, tell_news
from nntf_widget.capture.pytorch.capture import Capture
from nntf_widget.capture.pytorch.dataset import dataset_classes
from nntf_widget.capture.pytorch.labels import Where
from nntf_widget.capture.pytorch.replay import Forward
from nntf_widget.capture.recording import Recording
from nntf_widget.fingerprint import Fingerprint


def watch(  # noqa: PLR0913 - each has a default; most loops need none
    model: nn.Module,
    loader: DataLoader[Any],
    *,
    class_names: Sequence[str] | None = None,
    num_classes: int | None = None,
    exact: bool = False,
    every: int | str = 1,
    reduce: Callable[[Any], Any] | None = None,
    index: Callable[[Any], Any] | None = None,
    labels: Where | None = None,
    forward: Forward | None = None,
    log: str | PathLike[str] | None = None,
    strict: bool = False,
    on_verdict: OnVerdict | None = None,
    fingerprint: Fingerprint | None = None,
) -> Watch:
    """Watch a training: the loop over `loader` stays as it is, and each pass becomes a snapshot.

    A sample's prediction is the one that `model` made when the sample's batch went through it. There is no second
    forward pass, and no waiting for the device before the pass is over. Samples are told apart by their index in the
    dataset, so shuffling does not matter. A sample that came twice has its last prediction; one that did not come keeps
    its class, and is counted in `Watch.unseen`. For samples that have no class at the first snapshot (``drop_last``,
    weighted sampling), the model is run once, as with `exact`.

    A forward pass is of the batch whose tensors it got: the very objects, views of them, or equal numbers after a move
    to the device, a cast or a reshape. Of several passes of one batch, as of two augmentations that the dataset makes,
    the last counts. A pass on anything else is not looked at, and batches may be taken ahead or skipped. A batch that
    the loop itself changes (augmentation, normalisation) is recognised as long as the loop takes one at a time and
    makes one forward pass of it, with its samples in their order; else it is left out and a fault says so, and
    ``exact=True`` with ``forward=`` is the way.

    A pass over the loader that trains nothing (in evaluation mode or without gradients, and no parameter changed) is an
    evaluation: no snapshot of a loader that is trained on. Of one that never is, as a validation loader, an evaluation
    is a snapshot if the model has changed since the one before, or since `watch`. A pass left early (``break``) is a
    snapshot too.

    Watching the same model over the same loader again, as where a notebook's cell is run again, ends the watch of
    before: it stays readable, and says so. So it does where the loop calls another model, watched later, in its place.
    A watch that nobody has any more, and that keeps no log, ends too.

    A training whose targets are not one class for each sample, as a regression's or a multi-label model's, is refused
    within its first steps: the watch ends and says so. So it says where the training goes past the loader, as over
    another one, or what Accelerate made of it later, after two epochs' worth of forward passes.

    Where a batch has labels, the snapshot has the metrics "loss" and "accuracy" over the rows predicted. The loss is
    the mean cross-entropy of the scores, taken as logits or log-probabilities, or as probabilities where no row
    contradicts it. Others, as those of a validation in the loop, are added by ``run.add_metrics({"val_accuracy": …})``
    after the epoch.

    Parameters
    ----------
    model : nn.Module
        The object that the loop calls; a compiled or wrapped model rather than the one inside. It may return a tensor,
        a tuple, a mapping or an object with ``logits``: scores of shape (B, K), or (B,) or (B, 1) for two classes,
        where a logit above 0 or a probability above 0.5 is class 1. They count as probabilities as long as all lie in
        [0, 1].
    loader : DataLoader
    class_names : sequence of K different str, optional
        By default ``loader.dataset.classes`` where those are as many names as there are scores, else "0", "1", ….
    num_classes : int, optional
        K. By default the number of names, or the number of scores; for class ids, of the dataset's names.
    exact : bool
        After each pass, predict the whole dataset once more, in evaluation mode, as the paper does: before the last
        step where the loop takes batches ahead. Modes, batch statistics and random states are afterwards as before.
        Only what a dataset itself counts moves on.
    every : int or str
        A snapshot every so many passes, or, as "500 steps", every so many batches. With any but 1, the views speak of
        snapshots, not of epochs.
    reduce : callable, optional
        From the model's output to scores of shape (B, K) or integer class ids of shape (B,): for outputs with more axes
        (a class for each token or pixel), or where another than the first tensor is meant.
    index : callable, optional
        From a batch to the ids of its samples (integers or strings): for an IterableDataset, or where the sampler does
        not yield indices. The samples are then those of the first pass.
    labels : str, int or callable, optional
        Where a batch has its labels: a key, a position, or a function of the batch. They are of shape (B,), or (B, K)
        for shares of the classes, of which one above a half counts as the class. By default what is under "labels",
        "label", "label_ids", "targets", "target" or "y", else the one tensor of a class for each sample; where several
        may be the labels, a fault names them, and there are none. What equals the sample ids is never taken.
    forward : callable, optional
        From the model and a batch to the model's output: how `exact` runs it. By default as the loop was seen to do,
        as long as it passes the batch's own tensors (moved, cast, reshaped).
    log : str or path, optional
        Where to keep the run on disk as it goes, as for `Fingerprint`.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.
    on_verdict : callable, optional
        Called with each new `nntf_widget.verdicts.Verdict`, once, as to stop, log or send. Where there is none, and no
        notebook, it is a line of `logging`.
    fingerprint : Fingerprint, optional
        The run to record into, made before: then it has the names, the log and the strictness.

    Returns
    -------
    Watch
        Displays as the widget; ``.fingerprint`` has the arrays.

    Raises
    ------
    TypeError, ValueError
        Arguments that do not fit; model and loader stay as they were.

    Examples
    --------
    >>> import nntf_widget as nntf, torch
    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> x = torch.randn(64, 5)
    >>> loader = DataLoader(TensorDataset(x, (x.sum(1) > 0).long()), batch_size=16, shuffle=True)
    >>> model = torch.nn.Linear(5, 2)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> run = nntf.watch(model, loader)
    >>> for epoch in range(3):
    ...     for x, y in loader:
    ...         optimizer.zero_grad()
    ...         torch.nn.functional.cross_entropy(model(x), y).backward()
    ...         optimizer.step()
    >>> run.fingerprint
    <Fingerprint snapshots=3 samples=64 classes=2>
    """
    check_on_verdict(on_verdict)
    capture = Capture(
        model, loader, exact=exact, every=every, reduce=reduce, index=index, labels=labels, forward=forward
    )
    if fingerprint is None:
        names = class_names
        if names is None and num_classes is not None:
            names = dataset_classes(loader.dataset, num_classes)
        Fingerprint(num_classes, names)  # refuses what does not fit, before an earlier watch ends for it
        capture.replace_earlier()  # before a log that it writes is taken up
        fingerprint = Fingerprint(num_classes, names, unit=capture.unit, log=log, strict=strict)
    elif class_names is not None or num_classes is not None or log is not None or strict:
        raise ValueError("fingerprint has its own class_names, num_classes, log and strict; expected none beside it")
    else:
        capture.replace_earlier()
    tell_news(fingerprint, on_verdict)
    return Watch(capture, fingerprint)


class Watch(Recording):
    """A training being watched; what `watch` returns."""

    def __init__(self, capture: Capture, fingerprint: Fingerprint) -> None:
        self.fingerprint = fingerprint
        self._capture = capture
        capture.attach(fingerprint)

    @property
    def samples(self) -> NDArray[Any] | None:
        """The sample ids, shape (N,), in the order of the fingerprint: dataset indices, or what ``index=`` gave.

        None before the first snapshot where only ``index=`` knows them.
        """
        return self._capture.samples

    @property
    def unseen(self) -> list[int]:
        """For each snapshot, how many samples were not predicted since the one before."""
        return self._capture.unseen

    @property
    def incomplete(self) -> list[int]:
        """The snapshots in whose time a fault of the capture was reported."""
        return self._capture.incomplete

    def detach(self) -> None:
        """Stop watching. Model and loader are as they were; a pass under way becomes the last snapshot."""
        self._capture.detach()

    def add_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Add learning-curve values of your own to the epoch, as of a validation in your loop.

        As `Fingerprint.add_metrics`, to the snapshot taken last; but within a pass, or before the one that a snapshot
        is due after, to the snapshot to come.

        Examples
        --------
        ``run.add_metrics({"val_accuracy": accuracy})`` after each epoch is drawn beside "accuracy".
        """
        self._capture.add_metrics(metrics)

    @property
    def _is_attached(self) -> bool:
        return self._capture.is_attached

    @property
    def _model_name(self) -> str:
        return self._capture.model_name
