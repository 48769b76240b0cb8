"""The command ``nntf-widget``: what a run log holds, for people at a terminal."""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntf_widget import __version__
from nntf_widget.checks import checked_path
from nntf_widget.fingerprint import Fingerprint
from nntf_widget.printable import printable
from nntf_widget.run_log import RunLogError
from nntf_widget.run_log.database import size_ahead
from nntf_widget.run_log.reader import RunLogReader

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status, 1 where the log is not read whole or nothing can be written.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.
    """
    parser = argparse.ArgumentParser(prog="nntf-widget", description="Neural network training fingerprints.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    info = commands.add_parser("info", help="tell what a run log holds, and whether it is being written")
    info.add_argument("log", type=checked_path)
    info.set_defaults(run=lambda given: _info(given.log))

    export = commands.add_parser(
        "export",
        help="write the arrays of a run to an NPZ file or to CSV files",
        description="Write the arrays of a run to an NPZ file or to CSV files. A name that a spreadsheet would take "
        "for a formula has an apostrophe before it in CSV files; a NUL that ends one is written as \\x00 in NPZ files.",
    )
    export.add_argument("log", type=checked_path)
    export.add_argument("to", type=_target, help="a new file NAME.npz, or a new folder NAME, without a suffix, for CSV")
    export.set_defaults(run=lambda given: _export(given.log, given.to))

    given = parser.parse_args(arguments)
    try:
        given.run(given)
    except (RunLogError, OSError) as error:
        sys.stderr.write(f"nntf-widget: {printable(str(error))}\n")
        return 1
    except MemoryError:
        sys.stderr.write(f"nntf-widget: {printable(str(given.log))} does not fit into the memory that there is\n")
        return 1
    return 0


def _target(given: str) -> Path:
    path = checked_path(given)
    if path.suffix not in ("", ".npz"):
        raise argparse.ArgumentTypeError(
            f"{path} ends in {path.suffix}; expected a name that ends in .npz, "
            f"or a folder's name without a suffix, such as {path.stem.replace('.', '_')}"
        )
    return path


@contextmanager
def _read(path: Path) -> Iterator[tuple[RunLogReader, Fingerprint]]:
    """Read a log; of a damaged one give what is good, and raise the error at the end."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    reader, run, damage = RunLogReader(path), Fingerprint(), None
    try:
        reader.read(run)
    except RunLogError as error:
        if not len(run):
            raise
        damage = error
    yield reader, run
    if damage:
        raise damage


def _info(path: Path) -> None:
    with _read(path) as (reader, run):
        sys.stdout.writelines(f"{printable(line)}\n" for line in _described(reader, run))


def _described(reader: RunLogReader, run: Fingerprint) -> Iterable[str]:
    """Yield lines about a run."""
    snapshots, samples = len(run), run.num_samples or 0
    yield f"{reader.path}: {snapshots} snapshots of {samples} samples in {run.num_classes or 0} classes, {reader.state}"
    if not snapshots:
        return
    size = reader.path.stat().st_size + size_ahead(reader.path)
    yield f"size: {size} bytes, {size / (snapshots * samples):.2f} per sample and snapshot"
    yield f"classes: {', '.join(map(repr, run.class_names))}"
    yield f"labels: {'no' if run.labels is None else 'yes'}"
    for name, values in run.metrics.items():
        yield f"metric {name!r}: {values[-1]:g} at the last snapshot"
    for verdict in run.verdicts():
        yield f"verdict: {verdict.name}. {verdict.sentence}"
    bounds = [0, *run.resumed_at, snapshots]
    for first, following in pairwise(bounds):
        gap = f" after a gap of {reader.written[first][1] - reader.written[first - 1][1]:.0f} s" if first else ""
        begin, end = (_clock(reader.written[t][1]) for t in (first, following - 1))
        yield f"snapshots {first} to {following - 1}: {begin} to {end}{gap}"


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _export(path: Path, to: Path) -> None:
    if os.path.lexists(to):
        raise FileExistsError(f"{to} exists already; expected a new file or folder")
    if not to.parent.is_dir():
        raise FileNotFoundError(f"{to} cannot be written: there is no folder {to.parent}")
    with _read(path) as (_, run):
        if not len(run):
            raise RunLogError(f"{path} has no snapshot yet")
        _write(run, to)


def _write(run: Fingerprint, to: Path) -> None:
    """Write all arrays, and never over something that is there."""
    if to.suffix == ".npz":
        with to.open("xb") as file:
            np.savez_compressed(file, **_arrays(run))  # type: ignore[arg-type] # its stub takes a name for an option
        return
    to.mkdir()
    for name, header, rows in _tables(_arrays(run), run.unit):
        # A name may be beyond Unicode.
        with (to / f"{name}.csv").open("x", newline="", encoding="utf-8", errors="replace") as file:
            writer = csv.writer(file)
            writer.writerow(map(_no_formula, header))
            writer.writerows(map(_no_formula, row) for row in rows)


def _no_formula(cell: Any) -> Any:
    """Return a cell, a text so that no spreadsheet computes it: one that begins like a formula may run programs."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def _tables(arrays: dict[str, NDArray[Any]], unit: str) -> Iterator[tuple[str, list[Any], Iterable[Iterable[Any]]]]:
    """Yield the name, the header and the rows of each table."""
    epochs, samples = map(range, arrays["predictions"].shape)
    yield "classes", ["class", "name"], enumerate(arrays["class_names"])
    yield "metrics", [unit, *arrays["metric_names"]], _numbered(arrays["metrics"])
    yield "predictions", [unit, *samples], _numbered(arrays["predictions"])
    yield "prediction_distance", [unit, *epochs], _numbered(arrays["prediction_distance"])
    # A transition has two epochs; in its distances to others it goes by the one that it leads to.
    for name in ("transition_distance", "excess_distance"):
        yield name, [f"to_{unit}", *epochs[1:]], _numbered(arrays[name], start=1)
    header = [f"from_{unit}", f"to_{unit}", "from_class", "to_class", "samples"]
    yield "transitions", header, ([t, t + 1, *cell] for t, *cell in arrays["transitions"])
    if "labels" in arrays:
        yield "labels", ["sample", "label"], enumerate(arrays["labels"])


def _numbered(rows: NDArray[Any], start: int = 0) -> Iterable[list[Any]]:
    return ([number, *row.tolist()] for number, row in enumerate(rows, start))


def _arrays(run: Fingerprint) -> dict[str, NDArray[Any]]:
    """Return the run's arrays by name."""
    metrics = run.metrics
    arrays = {
        "class_names": _names(run.class_names),
        "predictions": np.stack([run.predictions(t) for t in range(len(run))]),
        "transitions": _transition_table(run),
        "transition_distance": run.transition_distance,
        "excess_distance": run.excess_distance,
        "prediction_distance": run.prediction_distance,
        "metric_names": _names(metrics),
        "metrics": np.array(list(metrics.values())).reshape(len(metrics), len(run)).T,
    }
    return arrays if run.labels is None else {**arrays, "labels": run.labels}


def _names(names: Iterable[str]) -> NDArray[np.str_]:
    """Return names as an array, which would lose a NUL at the end."""
    kept = (name.rstrip("\0") + r"\x00" * (len(name) - len(name.rstrip("\0"))) for name in names)
    return np.array(list(kept), np.str_)


def _transition_table(run: Fingerprint) -> NDArray[np.int64]:
    """Return rows of t, a, b and how many samples went from class a at t to b at t+1, where there are any."""
    tables = [np.zeros((0, 4), np.int64)]
    for t, matrix in enumerate(run.transitions_sparse):
        cells = matrix.tocoo()
        tables.append(np.stack([np.full(cells.nnz, t), *cells.coords, cells.data], axis=1))
    return np.concatenate(tables)
