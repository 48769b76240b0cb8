"""The paper's sweeps of learning rate, momentum and weight decay as an Optuna study, each trial with its run log.

The study is a journal in the folder of the runs. Start this as often as there are processors or machines that share
the folder: each takes the next combination that nobody has taken.

    python notebooks/study/sweep.py --data-set cifar10 --vary lr --data ~/data --runs runs
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import optuna
from data import DataSet, load
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from training import Setting, train

GRID: dict[str, list[float]] = {
    "lr": [0.01, 0.005, 0.001, 0.0005],
    "momentum": [0.5, 0.7, 0.9, 0.95],
    "weight_decay": [0.1, 0.05, 0.01, 0.005, 0.001, 0.0],
}


def open_study(base: Setting, grid: dict[str, Sequence[float]], runs: Path) -> optuna.Study:
    """Return the study of `base` with every combination of `grid`, making what is not there yet.

    A trial whose process was killed stays marked as running, and nobody takes it: begin another folder of runs for it.
    """
    runs.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(runs / "study.journal"))),
        study_name=f"{base.network}-{base.data}-{'-'.join(grid)}",
        direction="maximize",
        load_if_exists=True,
    )
    for values in product(*grid.values()):
        study.enqueue_trial(dict(zip(grid, values, strict=True)), skip_if_exists=True)
    return study


def work(study: optuna.Study, base: Setting, grid: dict[str, Sequence[float]], data: DataSet, runs: Path) -> None:
    """Train what waits in the study until nothing does."""

    def objective(trial: optuna.Trial) -> float:
        setting = base._replace(**{name: trial.suggest_categorical(name, values) for name, values in grid.items()})
        others = study.get_trials(deepcopy=False, states=[TrialState.RUNNING, TrialState.COMPLETE])
        if any(other.params == trial.params and other.number < trial.number for other in others):
            raise optuna.TrialPruned  # nothing waited any more when this one was asked for
        trial.set_user_attr("log", f"{setting}.nntf")
        return train(setting, data, runs).metrics["val_accuracy"][-1]

    while study.get_trials(deepcopy=False, states=[TrialState.WAITING]):
        study.optimize(objective, n_trials=1)


def main() -> None:
    """Read the command line and work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=["lenet5", "vgg16"], default="lenet5")
    parser.add_argument("--data-set", choices=["digits", "mnist", "fashion_mnist", "cifar10"], default="digits")
    parser.add_argument("--data", type=Path, default=Path("data"), help="the folder of the data sets")
    parser.add_argument("--vary", nargs="+", choices=list(GRID), default=["lr"], help="what to vary, the rest as it is")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="the folder of the study and its run logs")
    given = parser.parse_args()
    base = Setting(given.network, given.data_set, epochs=given.epochs)
    grid = {name: GRID[name] for name in given.vary}
    data = load(given.data_set, given.data)
    work(open_study(base, grid, given.runs), base, grid, data, given.runs)


if __name__ == "__main__":
    main()
