"""The command ``nntf-widget``: what a run log holds, its arrays and its picture, for people at a terminal."""

from __future__ import annotations

import argparse
import csv
import io
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntf_widget.fingerprint import Fingerprint
from nntf_widget.run_log import RunLogError
from nntf_widget.run_log.reader import RunLogReader

TRANSITION_COLUMNS = ["t", "from", "to", "samples"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status, 1 where the log is damaged or the file is none.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.
    """
    parser = argparse.ArgumentParser(prog="nntf-widget", description="Neural network training fingerprints.")
    commands = parser.add_subparsers(required=True, metavar="command")

    info = commands.add_parser("info", help="tell what a run log holds, and whether it is being written")
    info.add_argument("log", type=Path)
    info.set_defaults(run=lambda given: _info(given.log))

    export = commands.add_parser("export", help="write the arrays of a run to an NPZ file or to CSV files")
    export.add_argument("log", type=Path)
    export.add_argument("to", type=Path, help="a new file that ends in .npz, or a new folder for the CSV files")
    export.set_defaults(run=lambda given: _export(given.log, given.to))

    view = commands.add_parser("view", help="write a run as a page that needs no network, and open it in a browser")
    view.add_argument("log", type=Path)
    view.add_argument("-o", "--output", type=Path, metavar="FILE", help="a new file; by default a temporary one")
    view.add_argument("--no-browser", action="store_true", help="only write the page, and tell where")
    view.set_defaults(run=lambda given: _view(given.log, given.output, in_browser=not given.no_browser))

    given = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal has all letters of a name
    try:
        given.run(given)
    except (RunLogError, OSError) as error:
        sys.stderr.write(f"nntf-widget: {error}\n")
        return 1
    return 0


def _info(path: Path) -> None:
    reader, run = RunLogReader(path), Fingerprint()
    try:
        reader.read(run)
    finally:
        sys.stdout.writelines(f"{line}\n" for line in _described(reader, run))


def _described(reader: RunLogReader, run: Fingerprint) -> Iterable[str]:
    """Yield lines about a run; names are untrusted, so they are quoted, which leaves no control character in them."""
    snapshots, samples = len(run), run.num_samples or 0
    yield f"{reader.path}: {snapshots} snapshots of {samples} samples in {run.num_classes or 0} classes, {reader.state}"
    if not snapshots:
        return
    files = (reader.path, reader.path.with_name(reader.path.name + "-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    yield f"size: {size} bytes, {size / (snapshots * samples):.2f} per sample and snapshot"
    yield f"classes: {', '.join(map(repr, run.class_names))}"
    yield f"labels: {'no' if run.labels is None else 'yes'}"
    for name, values in run.metrics.items():
        yield f"metric {name!r}: {values[-1]:g} at the last snapshot"
    bounds = [0, *run.resumed_at, snapshots]
    for first, following in pairwise(bounds):
        gap = f" after a gap of {reader.written[first][1] - reader.written[first - 1][1]:.0f} s" if first else ""
        begin, end = (_clock(reader.written[t][1]) for t in (first, following - 1))
        yield f"snapshots {first} to {following - 1}: {begin} to {end}{gap}"


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _export(path: Path, to: Path) -> None:
    run = Fingerprint()
    try:
        RunLogReader(path).read(run)
    finally:  # of a damaged log, what is good
        if len(run):
            _write(run, to)
    if not len(run):
        raise RunLogError(f"{path} has no snapshot yet")


def _view(path: Path, to: Path | None, *, in_browser: bool) -> None:
    run = Fingerprint()
    try:
        RunLogReader(path).read(run)
    finally:  # of a damaged log, what is good
        if len(run):
            _show(run, path.name, to or Path(tempfile.mkdtemp(prefix="nntf-"), "run.html"), in_browser=in_browser)
    if not len(run):
        raise RunLogError(f"{path} has no snapshot yet")


def _show(run: Fingerprint, title: str, to: Path, *, in_browser: bool) -> None:
    from nntf_widget.widget.page import page_of  # loads the widget, which the other commands do without

    with to.open("x", encoding="utf-8") as file:
        file.write(page_of(run, title))
    sys.stdout.write(f"{to.absolute()}\n")
    if in_browser and not webbrowser.open(to.absolute().as_uri()):
        sys.stderr.write("nntf-widget: no browser was found; open the page above yourself\n")


def _write(run: Fingerprint, to: Path) -> None:
    """Write all arrays, and never over something that is there."""
    if to.suffix == ".npz":
        with to.open("xb") as file:
            np.savez_compressed(file, **_arrays(run))  # type: ignore[arg-type] # its stub takes a name for an option
        return
    to.mkdir()
    arrays = _arrays(run)
    _write_table(to / "classes.csv", ["name"], arrays["class_names"][:, None])
    _write_table(to / "metrics.csv", arrays["metric_names"], arrays["metrics"])
    _write_table(to / "transitions.csv", TRANSITION_COLUMNS, arrays["transitions"])
    for name in ("transition_distance", "prediction_distance", "predictions", "labels"):
        if name in arrays:
            _write_table(to / f"{name}.csv", None, np.atleast_2d(arrays[name]))


def _arrays(run: Fingerprint) -> dict[str, NDArray[Any]]:
    """Return the run's arrays by name."""
    metrics = run.metrics
    arrays = {
        "class_names": np.array(run.class_names),
        "predictions": np.stack([run.predictions(t) for t in range(len(run))]),
        "transitions": _transition_table(run),
        "transition_distance": run.transition_distance,
        "prediction_distance": run.prediction_distance,
        "metric_names": np.array(list(metrics), np.str_),
        "metrics": np.array(list(metrics.values())).reshape(len(metrics), len(run)).T,
    }
    return arrays if run.labels is None else {**arrays, "labels": run.labels}


def _transition_table(run: Fingerprint) -> NDArray[np.int64]:
    """Return a row for each pair of classes that samples went between, or stayed in, at each transition."""
    tables = [np.zeros((0, len(TRANSITION_COLUMNS)), np.int64)]
    for t, matrix in enumerate(run.transitions_sparse):
        cells = matrix.tocoo()
        tables.append(np.stack([np.full(cells.nnz, t), *cells.coords, cells.data], axis=1))
    return np.concatenate(tables)


def _write_table(path: Path, header: Iterable[str] | None, rows: NDArray[Any]) -> None:
    with path.open("x", newline="", encoding="utf-8", errors="replace") as file:  # a name may be beyond Unicode
        writer = csv.writer(file)
        if header is not None:
            writer.writerow(header)
        for row in rows:
            writer.writerow(row.tolist())


if __name__ == "__main__":
    sys.exit(main())
