"""The method's formulas written the obvious way, all pairs anew: what the streamed arrays are held to."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import stats


def transitions(predictions, num_classes):
    """Count the moves between successive snapshots: (T-1, K, K)."""
    matrices = np.zeros((len(predictions) - 1, num_classes, num_classes), np.int64)
    for t in range(len(predictions) - 1):
        np.add.at(matrices[t], (predictions[t], predictions[t + 1]), 1)
    return matrices


def transition_distance(matrices):
    """Compare the moves of every two transitions: (T-1, T-1)."""
    moves = matrices * ~np.eye(matrices.shape[1], dtype=bool)
    distance = np.zeros((len(moves), len(moves)))
    for s, a in enumerate(moves):
        for t, b in enumerate(moves):
            total = (a + b).sum()
            distance[s, t] = np.abs(a - b).sum() / total if total else 0
    return distance


def prediction_distance(predictions):
    """Count the samples that two snapshots predict differently: (T, T)."""
    return np.array([[(a != b).sum() for b in predictions] for a in predictions])


def class_transition_distance(matrices, class_):
    """Compare the moves of every two transitions within one class's row and column."""
    of_class = np.zeros(matrices.shape[1:], bool)
    of_class[class_], of_class[:, class_] = True, True
    return transition_distance(matrices * of_class)


def chance_distance(matrices):
    """Return the distance of every two transitions to be expected if their moves were dealt out anew: (T-1, T-1)."""
    moves = matrices * ~np.eye(matrices.shape[1], dtype=bool)
    expected = np.ones((len(moves), len(moves)))
    for s, a in enumerate(moves):
        for t, b in enumerate(moves[: s + 1]):
            total = a.sum() + b.sum()
            if total:
                differences = sum(expected_difference(n, a.sum(), total) for n in (a + b).ravel())
                expected[s, t] = expected[t, s] = differences / total
    return expected


def excess_distance(matrices):
    """Compare the moves of every two transitions beyond chance: (T-1, T-1)."""
    expected = chance_distance(matrices)
    excess = np.full(expected.shape, np.nan)
    told = 1 - expected >= 0.05
    excess[told] = (transition_distance(matrices) - expected)[told] / (1 - expected)[told]
    return excess


@cache
def expected_difference(together, moved, total):
    """Return E|2B - n|, B ~ Hypergeometric(total, n, moved), every chance summed."""
    dealt = np.arange(together + 1)
    return (np.abs(2 * dealt - together) * stats.hypergeom.pmf(dealt, total, together, moved)).sum()
