"""How a distance depends on the lag between two moments: whether a training repeats itself, and after how long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LONGEST_PERIOD = 10
NEARLY = 0.8  # of the deepest dip: a period's multiples dip as deep


def lag_profile(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean distance at each lag, NaN left out, shape (n,); NaN where there is none."""
    profile = np.full(len(distance), np.nan)
    for lag in range(len(distance)):
        told = distance.diagonal(lag)
        told = told[~np.isnan(told)]
        if len(told):
            profile[lag] = told.mean()
    return profile


def period(profile: NDArray[np.float64], least_dip: float = 0.1) -> int | None:
    """Return after how many transitions the moves come back to what they were, or None where they do not.

    At the period and its multiples the distance is less than at the lags beside them, on the average by `least_dip` or
    more; of several periods whose dips are nearly as deep it is the shortest. At most 10, and a third of the run, so
    that three repetitions are there.

    Parameters
    ----------
    profile : ndarray of shape (n,)
        The mean distance at each lag, of which the first is not looked at.
    least_dip : float
    """
    longest = min(LONGEST_PERIOD, len(profile) // 3)
    dips = {each: _dip(profile, each) for each in range(2, longest + 1)}
    deepest = max(dips.values(), default=0.0)
    if deepest < least_dip or not dips:
        return None
    return next(each for each, dip in dips.items() if dip >= NEARLY * deepest)


def _dip(profile: NDArray[np.float64], each: int) -> float:
    """Return by how much the distance is less at the multiples of a lag than beside them, as far as three of them."""
    lags = np.arange(each, min(3 * each, len(profile) - 2) + 1, each)
    dips = (profile[lags - 1] + profile[lags + 1]) / 2 - profile[lags]
    dips = dips[~np.isnan(dips)]
    return float(dips.mean()) if len(dips) else 0.0
